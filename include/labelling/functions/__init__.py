"""The labelling functions, one concept per module; importing this package fills the registry.

The order of the imports is the order of the columns of a vote matrix, and ``j`` of the report.
"""

from __future__ import annotations

# isort: off
from include.labelling.functions import (
    keyword,
    everyday,
    subjects,
    hashtags,
    events_and_jobs,
    other_meanings,
    small_talk,
    domains,
)

# isort: on
from include.labelling.functions.registry import REGISTRY

LABELLING_FUNCTIONS = tuple(REGISTRY.values())
"""All functions, in column order."""

__all__ = [
    "LABELLING_FUNCTIONS",
    "domains",
    "events_and_jobs",
    "everyday",
    "hashtags",
    "keyword",
    "other_meanings",
    "small_talk",
    "subjects",
]

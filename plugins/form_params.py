"""Params that mean the same at every door: the form, the REST API, the command line and a backfill."""

from __future__ import annotations

from typing import Any

from airflow.sdk import Param

STRICT: dict[str, Any] = {"$schema": "http://json-schema.org/draft-04/schema#"}
"""From draft 6 on, JSON Schema counts 3.0 as an integer; draft 4 does not, so that it is refused when a run
is asked for, and not by a task. https://json-schema.org/draft-06/json-schema-release-notes
"""

LONGEST_TEXT = 500
LONGEST_PATH = 4096


def integer_param(
    default: int | None, description: str, *, minimum: int, maximum: int, title: str | None = None
) -> Param:
    """An integer within bounds; with None as its default it may be left empty."""
    schema = {
        "type": "integer" if default is not None else ["null", "integer"],
        "minimum": minimum,
        "maximum": maximum,
        **({"title": title} if title else {}),
        **STRICT,
    }
    return Param(default, description, schema=schema)


def text_param(description: str, *, longest: int = LONGEST_TEXT, **schema: Any) -> Param:
    """A text that may be left empty; read it by :func:`text_of`."""
    return Param(None, description, type=["null", "string"], maxLength=longest, **schema)


def path_param(description: str) -> Param:
    """A path that may be left empty; read it by :func:`text_of`."""
    return text_param(description, longest=LONGEST_PATH)


def text_of(value: str | None) -> str | None:
    """A text as it was meant: a form that is left empty gives an empty text, which is none.

    >>> text_of("  a reason "), text_of(" "), text_of(None)
    ('a reason', None, None)
    """
    return (value or "").strip() or None

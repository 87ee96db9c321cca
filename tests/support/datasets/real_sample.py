"""Some of the real posts, with all that have golden labels: the chain through Airflow takes minutes less."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

EVERY = 3
"""One of so many posts without a label is taken."""


def write_sample(dump: Path, golden: Path, target: Path) -> int:
    """Write the sample as JSON lines, in the dump's order; returns how many posts it has."""
    labelled = {json.loads(line)["id_str"] for line in golden.read_text("utf-8").splitlines()}
    with gzip.open(dump, "rt", encoding="utf-8") as lines:
        taken = [
            line
            for number, line in enumerate(lines)
            if number % EVERY == 0 or json.loads(line)["id_str"] in labelled
        ]
    with gzip.open(target, "wt", encoding="utf-8") as file:
        file.writelines(taken)
    return len(taken)

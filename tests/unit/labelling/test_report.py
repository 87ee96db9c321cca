"""The report's figures."""

from __future__ import annotations

import math

import numpy as np
import pytest

from include.labelling import report
from include.labelling.functions.registry import LabellingFunction
from include.statistics.intervals import wilson


def _vote(_: object) -> int:
    """Says nothing."""
    return -1


FUNCTIONS = [LabellingFunction(name, "test", _vote) for name in ("yes", "no", "silent")]
VOTES = np.array([[1, -1, -1], [1, 0, -1], [1, 0, -1], [-1, -1, -1]], dtype=np.int8)


@pytest.mark.learning
def test_summary_is_snorkels() -> None:
    table = report.summary(VOTES, FUNCTIONS)
    assert table.columns.tolist() == ["j", "Polarity", "Coverage", "Overlaps", "Conflicts"]
    assert table.index.tolist() == ["yes", "no", "silent"]
    assert table["Coverage"].tolist() == [0.75, 0.5, 0.0]
    assert table["Conflicts"].tolist() == [0.5, 0.5, 0.0]


@pytest.mark.learning
def test_rows_carry_precision_on_golden_labels() -> None:
    golden = np.array([1, 1, 0, 0])
    table = report.with_golden(report.summary(VOTES, FUNCTIONS), VOTES, golden)
    rows = report.rows(table, [0.9, None, None], FUNCTIONS)
    assert rows[0]["polarity"] == "[1]"
    assert rows[0]["details"]["precision"] == pytest.approx(2 / 3)
    assert rows[0]["details"]["golden"] == 3
    assert "precision" not in rows[2]["details"]
    assert [row["weight"] for row in rows] == [0.9, None, None]
    assert "Precision" in report.as_text(table)


def test_an_interval_of_nothing_is_unknown() -> None:
    assert all(math.isnan(bound) for bound in wilson(0, 0))
    low, high = wilson(0, 10)
    assert low == pytest.approx(0, abs=1e-12)
    assert 0.2 < high < 0.35

"""The behavioural tests catch what they are for, in scorers made to fail them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from include.model.evaluation.baseline_comparison import keyword_scores
from include.model.evaluation.behaviour import CASES, run_cases
from include.model.evaluation.predictions import Scorer


def constant(value: float) -> Scorer:
    return lambda texts: np.full(len(texts), value)


def test_a_keyword_rule_does_well() -> None:
    found = run_cases(keyword_scores, 0.5)
    assert found["pass_rate"] > 0.9
    assert found["passed"] + len(found["failures"]) == found["cases"] == len(CASES)
    assert sum(cases for _, cases in found["by_kind"].values()) == len(CASES)


def test_a_constant_fails_the_minimum() -> None:
    for value in (0.0, 1.0):
        found = run_cases(constant(value), 0.5)
        passed, cases = found["by_kind"]["minimum"]
        assert passed == cases / 2
        assert found["by_kind"]["invariance"][0] == found["by_kind"]["invariance"][1]


def test_the_wrong_way_round_fails_directions() -> None:
    found = run_cases(lambda texts: 1 - keyword_scores(texts), 0.5)
    assert found["by_kind"]["direction"][0] == 0
    assert found["by_kind"]["minimum"][0] == 0
    assert {failure["kind"] for failure in found["failures"]} >= {"direction", "minimum"}


def test_reading_case_and_handles_fails_invariances() -> None:
    def shallow(texts: Sequence[str]) -> np.ndarray:
        return np.array([float(text.isupper() or "ai" in text.lower()) for text in texts])

    failed = {failure["name"] for failure in run_cases(shallow, 0.5)["failures"]}
    assert {"handle", "case", "link"} <= failed


def test_no_number_passes_nothing() -> None:
    assert run_cases(constant(np.nan), 0.5)["passed"] == 0

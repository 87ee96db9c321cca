"""Checks of the candidate against the champion, on the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from include.promotion.gate.checks import Check, Verdict
from include.promotion.limits import PromotionLimits
from include.promotion.scoring.record import PromotionScoring
from include.statistics.classification import f1_difference
from include.statistics.significance import Discordant, rows_to_detect, rows_to_narrow

MOST_ROWS = 1_000_000
"""More golden rows than this nobody can label, so the number is left out."""


def comparable(scoring: PromotionScoring) -> Check:
    """PASS where there is nothing to compare with, or both can be compared; INCONCLUSIVE where they can't."""
    if scoring.in_service is None:
        return Check(
            "champion", Verdict.PASS, None, None, "no model is in service: judged without comparison"
        )
    if scoring.champion is None:
        text = f"version {scoring.in_service} in service was not compared: {scoring.not_compared}"
        return Check("champion", Verdict.INCONCLUSIVE, scoring.in_service, None, text)
    text = f"compared with version {scoring.in_service} in service on the same {len(scoring.labels)} rows"
    if scoring.champion.met_weakly:
        text += (
            f"; it learned from {scoring.champion.met_weakly} of them with weak labels, "
            "so the comparison favours it"
        )
    return Check("champion", Verdict.PASS, scoring.in_service, None, text)


def champion_checks(
    scoring: PromotionScoring, found: dict[str, Any], limits: PromotionLimits
) -> Iterator[Check]:
    """F1's paired interval, McNemar's test and the slices; adds their figures to ``found``."""
    champion = scoring.champion
    if champion is None:
        return
    labels, new, old = scoring.truth, scoring.candidate.predicted, champion.predicted
    yield _f1(labels, new, old, found, limits)
    yield _mcnemar(Discordant.of(labels, new, old), found, limits)
    found["slices"] = slice_drops(scoring, limits)
    yield _slices(found["slices"], limits)


def _f1(
    labels: np.ndarray, new: np.ndarray, old: np.ndarray, found: dict[str, Any], limits: PromotionLimits
) -> Check:
    point, (low, high) = f1_difference(labels, new, old)
    found["f1_difference"] = {"point": point, "interval": [low, high], "margin": limits.f1_margin}
    text = f"its F1 differs by {point:+.3f} (95 %: {low:+.3f} to {high:+.3f})"
    needed = None
    if low > -limits.f1_margin:
        outcome, text = Verdict.PASS, f"{text}: not worse by more than {limits.f1_margin:g}"
    elif high < 0:
        outcome, text = Verdict.FAIL, f"{text}: worse"
    else:
        needed = _f1_rows(len(labels), point, low, high, limits.f1_margin)
        outcome, text = Verdict.INCONCLUSIVE, f"{text}: too few rows to tell{_about(needed)}"
    return Check("f1_difference", outcome, point, -limits.f1_margin, text, needed)


def _f1_rows(n: int, point: float, low: float, high: float, margin: float) -> int | None:
    """Rows at which the interval around the same difference would lie on one side of its limit; None where no
    number of rows would help."""
    if point > -margin:
        return _useful(rows_to_narrow(n, point - low, point + margin))
    return _useful(rows_to_narrow(n, high - point, -point)) if point < 0 else None


def _mcnemar(pairs: Discordant, found: dict[str, Any], limits: PromotionLimits) -> Check:
    found["mcnemar"] = {"better": pairs.better, "worse": pairs.worse, "n": pairs.n, "p_value": pairs.p_value}
    text = (
        f"it alone is right on {pairs.better} rows and the champion alone on {pairs.worse} "
        f"(exact McNemar p = {pairs.p_value:.3g})"
    )
    needed = None
    if pairs.drop <= limits.accuracy_margin:
        outcome = Verdict.PASS
    elif pairs.p_value < limits.significance:
        outcome, text = Verdict.FAIL, f"{text}: its accuracy is lower by {pairs.drop:.3f}"
    else:
        needed = _useful(rows_to_detect(pairs.drop, pairs.share, limits.significance))
        outcome, text = Verdict.INCONCLUSIVE, f"{text}: too few rows to tell{_about(needed)}"
    return Check("mcnemar", outcome, pairs.p_value, limits.significance, text, needed)


def slice_drops(scoring: PromotionScoring, limits: PromotionLimits) -> list[dict[str, Any]]:
    """How far the accuracy of each slice with enough rows fell, and the p-value; the worst first."""
    assert scoring.champion is not None
    labels, new, old = scoring.truth, scoring.candidate.predicted, scoring.champion.predicted
    members: dict[tuple[str, str], list[int]] = {}
    for row, parts in enumerate(scoring.parts):
        for kind, part in parts.items():
            members.setdefault((kind, part), []).append(row)
    found = [
        (kind, part, Discordant.of(labels[rows], new[rows], old[rows]))
        for (kind, part), rows in sorted(members.items())
        if len(rows) >= limits.slice_rows
    ]
    return [
        {"kind": kind, "part": part, "n": pairs.n, "drop": pairs.drop, "p_value": pairs.p_value}
        for kind, part, pairs in sorted(found, key=lambda one: -one[2].drop)
    ]


def _slices(found: list[dict[str, Any]], limits: PromotionLimits) -> Check:
    fallen = [one for one in found if one["drop"] > limits.slice_margin]
    proven = [one for one in fallen if one["p_value"] < limits.slice_significance]
    worst = found[0]["drop"] if found else None
    text = f"{len(found)} slices have {limits.slice_rows} rows or more; "
    if not fallen:
        text += f"the accuracy of none falls by more than {limits.slice_margin:g}"
        return Check("slices", Verdict.PASS, worst, limits.slice_margin, text)
    text += "; ".join(
        f"{one['kind']} '{one['part']}' falls by {one['drop']:.3f} (n={one['n']}, p = {one['p_value']:.3g})"
        for one in proven or fallen
    )
    if proven:
        return Check("slices", Verdict.FAIL, worst, limits.slice_margin, text)
    return Check("slices", Verdict.INCONCLUSIVE, worst, limits.slice_margin, f"{text}: too few rows to tell")


def _useful(rows: int) -> int | None:
    return rows if rows <= MOST_ROWS else None


def _about(needed: int | None) -> str:
    return f"; about {needed} golden rows would be needed" if needed else ""

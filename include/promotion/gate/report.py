"""Candidate and champion side by side, as Markdown for the person who decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from include.model.reports.markdown import number, row, with_interval

MARKS = {"PASS": "✅", "FAIL": "❌", "INCONCLUSIVE": "❔"}
MEANING = {
    "PASS": "every check passed",
    "FAIL": "at least one check failed",
    "INCONCLUSIVE": "nothing failed, but the data don't suffice for every check",
}


def comparison(evidence: Mapping[str, Any], level: int = 1) -> str:
    """The gate's whole decision: verdict, checks, figures and slices, under a heading of this level."""
    champion = evidence["champion"]
    rival = f"version {champion} in service" if champion else "nothing in service"
    title, section = "#" * level, "#" * (level + 1)
    parts = [
        f"{title} {evidence['model_name']}, version {evidence['model_version']} against {rival}",
        f"**{evidence['verdict']}**: {MEANING[evidence['verdict']]}. Judged by {evidence['judged_by']} "
        f"labels of dataset version {evidence['dataset_version']}.",
        checks_table(evidence["checks"]),
        _figures(evidence, section),
        _slices(evidence["figures"].get("slices") or [], section),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def checks_table(checks: list[dict[str, Any]]) -> str:
    """One row per check, those that failed first."""
    order = list(reversed(["PASS", "INCONCLUSIVE", "FAIL"]))
    lines = ["| | check | value | limit | |", "|---|---|---|---|---|"]
    for check in sorted(checks, key=lambda one: order.index(one["outcome"])):
        cells = (short(check["value"]), short(check["limit"]), as_cell(check["text"]))
        lines.append(row(f"{MARKS[check['outcome']]} {check['outcome']}", check["name"], *cells))
    return "\n".join(lines)


def _figures(evidence: Mapping[str, Any], section: str) -> str:
    found = evidence["figures"]
    versions = {"candidate": evidence["model_version"], "champion": evidence["champion"]}
    lines = [
        f"{section} Figures on the same rows",
        "",
        "| | n | positives | precision | recall | F1 (95 %) | AUC | Brier | p95, ms | MB |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for role, version in versions.items():
        if role in found:
            judged, serving = found[role], found[f"{role}_serving"]
            rates = [number(judged["precision"]), number(judged["recall"]), with_interval(judged)]
            others = [number(judged["auc"]), number(judged["brier"])]
            cost = [short(serving["latency_p95_ms"]), short(serving["megabytes"])]
            lines.append(row(f"{role}, {version}", judged["n"], judged["positives"], *rates, *others, *cost))
    if found["cross_fitted"]:
        lines += [
            "",
            f"{found['cross_fitted']} of the rows were learned from with their golden label; there the "
            "answers of models that had not met them are measured.",
        ]
    return "\n".join(lines) if "candidate" in found else ""


def _slices(found: list[dict[str, Any]], section: str) -> str:
    lines = [f"{section} Slices", "", "| | | n | accuracy falls by | p |", "|---|---|---|---|---|"]
    lines += [
        row(one["kind"], as_cell(one["part"]), one["n"], f"{one['drop']:+.3f}", short(one["p_value"]))
        for one in found
    ]
    return "\n".join(lines) if found else ""


def short(value: float | None) -> str:
    """
    >>> short(0.123456), short(50), short(None), short(1e-05)
    ('0.1235', '50', '-', '1e-05')
    """
    return "-" if value is None else f"{value:.4g}"


def as_cell(text: str) -> str:
    """A text as a table cell that only shows it: no markup, no link, no picture.

    >>> as_cell("a|b ![x](http://y)")
    'a\\\\|b \\\\!\\\\[x\\\\](http://y)'
    """
    kept = " ".join(text.split())
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]<>#!|~$" else letter for letter in kept)

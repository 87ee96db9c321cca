"""The comparison as Markdown, the request made of it, and what an answer comes to."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from markdown_it import MarkdownIt

from include.promotion.approval import AUTO_APPROVE, Answer, approve, auto_approved, card_summary, subject
from include.promotion.approved import Asked
from include.promotion.evidence import Judged
from include.promotion.gate.checks import Verdict
from include.promotion.gate.gate import judge
from include.promotion.gate.report import as_cell, comparison
from include.promotion.limits import GateLimits
from include.settings import Settings
from tests.support.scorings import answered, says, scoring, truth

LABELS = truth(300)
ASKED = Asked("ann", "better on hashtags", at=datetime(2026, 1, 1, tzinfo=UTC))


def content(*wrong: int, **others: Any) -> dict[str, Any]:
    made = scoring(LABELS, answered(2, says(LABELS, *wrong)), answered(1, says(LABELS, 3)), **others)
    head = {"model_name": "m", "model_version": 2, "champion": 1, "dataset_version": 3}
    return {**head, **judge(made, GateLimits()).evidence()}


def judged(verdict: Verdict) -> Judged:
    return Judged("ab" * 32, verdict, {**content(3), "verdict": str(verdict)})


def test_the_comparison_shows_both_models_and_every_check() -> None:
    evidence = content(*range(0, 300, 4))
    text = comparison(evidence)
    assert "# m, version 2 against version 1 in service" in text
    assert "| candidate, 2 | 300 | 100 |" in text
    assert "| champion, 1 | 300 | 100 |" in text
    assert "**FAIL**" in text
    rows = re.findall(r"^\| \S+ (FAIL|INCONCLUSIVE|PASS) \| (\w+) \|", text, re.M)
    assert sorted(name for _, name in rows) == sorted(check["name"] for check in evidence["checks"])
    assert [outcome for outcome, _ in rows] == sorted((o for o, _ in rows), key="FAIL PASS".index)


def test_a_first_model_has_no_champion_beside_it() -> None:
    made = scoring(LABELS, answered(2, says(LABELS)))
    head = {"model_name": "m", "model_version": 2, "champion": None, "dataset_version": 3}
    text = comparison({**head, **judge(made, GateLimits()).evidence()})
    assert "against nothing in service" in text
    assert "champion, " not in text


@pytest.mark.parametrize(
    "hostile",
    [
        "![x](http://x.example/y)",
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "a | b\n| c",
        "`x`",
    ],
)
def test_hostile_text_is_shown_and_does_nothing(hostile: str) -> None:
    """The language of a post is whatever its source says; it names a slice."""
    parts = [{"language": hostile}] * 300
    text = comparison(content(*range(0, 300, 4), parts=parts))
    page = MarkdownIt("commonmark").enable("table").render(text)
    assert not re.search(r"<(img|a|script|code)\b", page)
    tables = [line.count("<td") for line in re.findall(r"<tr>\n(?:<td.*\n)+</tr>", page)]
    assert set(tables) == {5, 10}, "no cell was split"


def test_a_cell_is_one_line() -> None:
    assert "\n" not in as_cell("a\nb\r\nc")


def test_the_subject_says_what_is_asked() -> None:
    assert subject(judged(Verdict.PASS)) == "Put m 2 into service in place of 1? The gate says PASS"


def test_a_yes_carries_who_and_why() -> None:
    approved = approve(judged(Verdict.INCONCLUSIVE), ASKED, Answer(True, "bob", "looked at it"))
    assert (approved.approver, approved.reason) == ("bob", "better on hashtags; looked at it")
    assert (approved.model_version, approved.previous, approved.override) == (2, 1, False)
    assert approved.evidence_hash == "ab" * 32
    assert approved.started_at == ASKED.at


def test_an_override_is_never_silent() -> None:
    asked = Asked("ann", "", "the champion is broken")
    approved = approve(judged(Verdict.FAIL), asked, Answer(True, "bob"))
    assert approved.override
    assert approved.reason == "override of FAIL by ann: the champion is broken"
    assert not approve(judged(Verdict.PASS), asked, Answer(True, "bob")).override


def test_a_setting_approves_a_pass_alone() -> None:
    on, off = Settings(auto_approve=True), Settings()
    assert auto_approved(judged(Verdict.PASS), ASKED, off) is None
    for verdict in (Verdict.INCONCLUSIVE, Verdict.FAIL):
        assert auto_approved(judged(verdict), ASKED, on) is None
    approved = auto_approved(judged(Verdict.PASS), ASKED, on)
    assert approved is not None
    assert approved.approver == AUTO_APPROVE


def test_the_card_is_summed_up_by_what_its_report_has() -> None:
    metrics = {
        "dataset_version": 3, "threshold": 0.4321, "verdict": ["No baseline beats the model."],
        "training": {"rows": 900, "golden_rows": 50},
    }  # fmt: skip
    assert "900 posts with weak labels and 50 with golden ones" in card_summary(metrics)
    assert card_summary({"threshold": 0.5}).splitlines()[-1] == "- Threshold 0.5000."

"""The comparison of candidate and champion as Markdown."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt

from include.promotion.gate.gate import evaluate_gate
from include.promotion.gate.report import as_cell, comparison
from include.promotion.limits import PromotionLimits
from tests.support.promotion.scorings import LABELS, answered, content, says, scoring


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
    text = comparison({**head, **evaluate_gate(made, PromotionLimits()).evidence()})
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

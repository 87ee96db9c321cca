"""Rules: within X's limits, tagged, and understood by the replay server as they are meant."""

from __future__ import annotations

import pytest

from include.lexicon.keywords import ALL_AI_KEYWORDS
from include.sources.replay.rule_book import RuleBook
from include.sources.replay.rule_language import Candidate, RuleError, compile_rule
from include.sources.x.rules import MAX_RULE, desired_rules, is_ours, rules_fingerprint


def test_desired_rules_fit_x() -> None:
    rules = desired_rules()
    assert all(0 < len(rule.value) <= MAX_RULE and is_ours(rule.tag) for rule in rules)
    assert len({rule.tag for rule in rules}) == len({rule.value for rule in rules}) == len(rules)
    assert {rule.tag.split(":")[0] for rule in rules} == {"ai", "mix"}
    assert rules_fingerprint(rules) == rules_fingerprint(list(reversed(rules)))


def test_every_keyword_is_asked_for() -> None:
    matches = [compile_rule(rule.value) for rule in desired_rules() if rule.tag.startswith("ai:")]
    for keyword in ALL_AI_KEYWORDS:
        assert any(match(Candidate(f"about {keyword}.")) for match in matches), keyword
    assert not any(match(Candidate("said the maid")) for match in matches)


@pytest.mark.parametrize(
    ("rule", "text", "more", "expected"),
    [
        ("ai", "#ai!", {}, True),
        ("ai", "maid", {}, False),
        ('"deep learning"', "deep, learning", {}, False),
        ("cat dog", "dog and cat", {}, True),
        ("cat dog", "cat", {}, False),
        ("cat OR dog fish", "dog", {}, False),
        ("(cat OR dog) fish", "dog fish", {}, True),
        ("cat -dog", "cat dog", {}, False),
        ("cat -(dog OR fish)", "cat fish", {}, False),
        ("cat -is:retweet", "cat", {"is_retweet": True}, False),
        ("cat lang:en has:links", "cat", {"lang": "en", "has_links": True}, True),
        ("cat lang:en", "cat", {"lang": "fr"}, False),
        ("#ai", "#ai and", {}, True),
        ("#ai", "#aid", {}, False),
    ],
)
def test_rule_language(rule, text, more, expected) -> None:
    assert compile_rule(rule)(Candidate(text, **more)) is expected


@pytest.mark.parametrize(
    "rule", ["", " ", "OR", "cat OR", "(cat", "cat)", "-", '"', "url_title:x", "()", '""']
)
def test_rules_that_can_not_be_understood(rule: str) -> None:
    with pytest.raises(RuleError):
        compile_rule(rule)


def test_rule_book_answers_like_x() -> None:
    book = RuleBook()
    assert "data" not in book.listing()
    status, answer = book.add([{"value": "cat", "tag": "t"}, {"value": "dog"}], dry_run=True)
    assert (status, len(answer["data"]), book.rules) == (201, 2, {})
    book.add([{"value": "cat", "tag": "t"}, {"value": "dog"}], dry_run=False)
    status, answer = book.add([{"value": "cat"}, {"value": "fish"}], dry_run=False)
    assert (status, answer["errors"][0]["title"], answer["data"][0]["value"]) == (
        201,
        "DuplicateRule",
        "fish",
    )
    for bad in [{"value": "x" * 1025}, {"value": "(x"}, {"tag": "t"}, "x", {"value": 3}]:
        status, answer = book.add([bad, {"value": "bird"}], dry_run=False)
        assert status == 400
        assert answer["errors"][0]["type"].endswith("invalid-rules")
    assert book.matching(Candidate("a cat")) == [{"id": next(iter(book.rules)), "tag": "t"}]
    status, answer = book.delete([*book.rules, "17"], dry_run=False)
    assert answer["meta"]["summary"] == {"deleted": 3, "not_deleted": 1}
    assert not book.rules

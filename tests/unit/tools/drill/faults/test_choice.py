"""Which faults a workload's drill goes through."""

from __future__ import annotations

from dataclasses import replace

import orjson

from include.posts.fields import MAX_TEXT
from include.posts.parse import parse_post
from include.settings import Settings
from tools.drill.faults.choice import FAULTS, WITH_OWN_LOAD, chosen_faults
from tools.drill.testbed.subject import subject_named


def test_large_messages_come_where_a_workload_has_some() -> None:
    subject = subject_named("ai_tweets", Settings(_env_file=None))
    assert set(FAULTS) > WITH_OWN_LOAD
    names = chosen_faults(subject, None, short=False)
    assert {"poison", "retention passed", "checkpoint damaged"} < set(names)
    without = replace(subject, samples=replace(subject.samples, large=None))
    assert "poison" not in chosen_faults(without, None, short=False)


def test_a_large_post_is_still_scored() -> None:
    samples = subject_named("ai_tweets", Settings(_env_file=None)).samples
    assert samples.large is not None
    post = parse_post(samples.large(5))
    assert 98_000 < len(post.text) <= MAX_TEXT
    assert orjson.loads(samples.large(5))["id_str"] == "5"

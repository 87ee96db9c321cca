"""Outages of the model, a second copy, and a drain: what waits, what is refused, what ends."""

from __future__ import annotations

import pytest

from include.infra.processes.service import running
from include.local_stack import programs
from tests.support.streaming.post_stream import PostStream
from tests.support.streaming.stream import STAGING

pytestmark = [pytest.mark.stack, pytest.mark.spark, pytest.mark.timeout(3600)]

VERSIONS_BY_FIRST_DIGIT = """
SELECT jsonb_object_agg(digit, versions) FROM (
    SELECT left(id, 1) AS digit, array_agg(DISTINCT model_version) AS versions
    FROM ai_tweets WHERE id ~ '^[45]' GROUP BY 1
) AS v
"""


def test_what_arrives_while_the_model_is_gone_waits_for_the_next_one(posts: PostStream) -> None:
    """Meanwhile a second copy of the stream is refused, and gone with the exit code that tells why."""
    posts.serve(1)
    with running(programs.model_server(posts.settings), posts.settings.logs_dir):
        child = posts.running.enter_context(posts.submitted())
        posts.produce(1_000, first=400_000)
        posts.until("SELECT count(*) > 900 FROM ai_tweets WHERE id LIKE '4_____'")
    posts.produce(1_000, first=500_000)
    posts.until(f"SELECT count(*) > 0 {STAGING}")
    start = posts.log.stat().st_size
    with posts.submitted() as second:
        assert second.wait(600) == 3
    assert b"is already running" in posts.log.read_bytes()[start:]
    posts.serve(2)
    with running(programs.model_server(posts.settings), posts.settings.logs_dir):
        posts.until("SELECT count(*) > 900 FROM ai_tweets WHERE id LIKE '5_____'")
    posts.drain(child)
    posts.account()
    assert posts.ask(VERSIONS_BY_FIRST_DIGIT) == {"4": [1], "5": [2]}
    letters = "SELECT count(*) FROM dead_letter WHERE stage = 'score' AND convert_from(key, 'UTF8') ~ '^[45]'"
    assert posts.ask(letters) == 2
    assert b"waiting for the model" in posts.log.read_bytes()[start:]

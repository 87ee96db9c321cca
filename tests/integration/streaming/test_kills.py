"""Kill -9 of the stream of posts: each position ends in ``ai_tweets`` or in ``dead_letter``, once."""

from __future__ import annotations

import shutil
from contextlib import ExitStack

import pytest

from include.infra.processes.service import running
from include.local_stack import programs
from tests.support.streaming.post_stream import PostStream, message
from tests.support.streaming.stream import STAGING

pytestmark = [pytest.mark.stack, pytest.mark.spark, pytest.mark.timeout(3600)]

LAST_STATUS = "(SELECT status FROM stream_progress ORDER BY id DESC LIMIT 1)"
QUERIES = "SELECT count(DISTINCT query_id) FROM stream_commit WHERE batch_id >= 0"
ROWS = """
SELECT md5(string_agg(ai_tweets::text, ' ' ORDER BY topic, kafka_partition, kafka_offset))
FROM ai_tweets WHERE id < '300100'
"""
LETTERS = """
SELECT array_agg(stage || ': ' || reason || ' ' || n ORDER BY stage)
FROM (SELECT stage, reason, count(*) AS n FROM dead_letter WHERE key LIKE '1_____' GROUP BY 1, 2) AS c
"""


def aside(posts: PostStream) -> set[str]:
    """The checkpoints that were put aside."""
    return {folder.name for folder in posts.checkpoint.parent.glob("*.aside-*")}


def test_killed_in_a_batch_that_had_waited_for_a_model(posts: PostStream) -> None:
    """The driver alone is killed, as the model has come and its first batch is at work."""
    posts.produce(20_000, first=100_000)
    with ExitStack() as stack:
        child = stack.enter_context(posts.submitted())
        posts.until(f"SELECT {LAST_STATUS} = 'waiting for a model in service'")
        posts.serve(1)
        stack.enter_context(running(programs.model_server(posts.settings), posts.settings.logs_dir))
        posts.until(f"SELECT count(*) > 0 {STAGING}")
        child.kill()
        child.wait()
        assert posts.ask("SELECT count(*) FROM ai_tweets WHERE id LIKE '1_____'") < 19_000, (
            "killed too late to show anything"
        )
        posts.run_to_the_end()
    posts.account()
    assert posts.ask(LETTERS) == ["parse: not JSON 200", "score: model refused it (400) 1"]
    assert posts.ask("SELECT value FROM dead_letter WHERE key = '100107'") == message(100_107)
    assert posts.ask(f"SELECT count(*) {STAGING}") == 0


def test_killed_in_a_commit_the_checkpoint_is_ahead_of_the_database(posts: PostStream) -> None:
    posts.serve(1)
    before = aside(posts)
    with running(programs.model_server(posts.settings), posts.settings.logs_dir):
        posts.kill_in_a_commit("ai_tweets", lambda: posts.produce(1_000, first=200_000))
        assert posts.ask("SELECT count(*) FROM ai_tweets WHERE id LIKE '2_____'") == 0
        posts.run_to_the_end()
    posts.account()
    assert aside(posts) > before


def test_a_lost_checkpoint_costs_nothing_and_repeats_nothing(posts: PostStream) -> None:
    posts.serve(1)
    with running(programs.model_server(posts.settings), posts.settings.logs_dir):
        posts.produce(100, first=300_000)
        posts.run_to_the_end()
        queries, rows = posts.ask(QUERIES), posts.ask(ROWS)
        shutil.rmtree(posts.checkpoint)
        posts.produce(1_000, first=300_100)
        posts.run_to_the_end()
    posts.account()
    assert posts.ask(QUERIES) == queries + 1
    assert posts.ask(ROWS) == rows, "a row that was there was written again"


def test_a_checkpoint_that_only_spark_finds_damaged_and_one_that_retention_passed(posts: PostStream) -> None:
    """A plan that reads well, with a wrong checksum; then one that asks for messages that are gone."""
    posts.serve(1)
    with running(programs.model_server(posts.settings), posts.settings.logs_dir):
        posts.produce(100, first=310_000)
        posts.run_to_the_end()
        checksum = max(posts.checkpoint.glob("offsets/.*.crc"), key=lambda file: int(file.name.split(".")[1]))
        checksum.write_bytes(checksum.read_bytes()[:-1] + b"?")
        before = aside(posts)
        posts.produce(100, first=310_100)
        posts.run_to_the_end()
        posts.account()
        assert aside(posts) > before

        posts.produce(300, first=320_000)
        unread = posts.delete_unread(posts.settings.ai_topic) + posts.delete_unread(posts.settings.mix_topic)
        assert unread > 0
        posts.produce(100, first=320_300)
        posts.run_to_the_end()
    assert posts.ask("SELECT sum(end_offset - first_offset) FROM stream_loss") == unread
    posts.account()

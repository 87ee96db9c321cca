"""Dead letters that are replayed become rows under their own positions, once."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from include.infra.processes.service import running
from include.local_stack import programs
from include.streaming.dead_letters.replay import replay_dead_letters
from include.streaming.dead_letters.table import Selection
from tests.support.streaming.post_stream import PostStream

pytestmark = [pytest.mark.stack, pytest.mark.spark, pytest.mark.timeout(3600)]

POISONOUS = Selection("ai_tweets", stage="score")
ATTEMPTS = "SELECT array_agg(attempts ORDER BY kafka_offset) FROM dead_letter WHERE stage = 'score' AND "
ROWS_OF_POISON = "SELECT count(*) FROM ai_tweets WHERE text LIKE '%poison%' AND model_version = 4"


def test_replayed_dead_letters_become_posts_once(posts: PostStream) -> None:
    """First with the model that refused them, then with one that takes all."""
    own = posts.settings.as_role("tasks")
    posts.serve(3)
    with running(programs.model_server(own), own.logs_dir):
        for first in (600_000, 700_000, 800_000):
            posts.produce(1_000, first=first)
        posts.run_to_the_end()
        before = posts.ask("SELECT count(*) FROM ai_tweets")
        refused = posts.ask("SELECT count(*) FROM dead_letter WHERE stage = 'score'")
        assert refused >= 3
        assert replay_dead_letters(POISONOUS, "dry", dry_run=True, settings=own) == {
            "dry_run": True, "would_replay": {"score: model refused it (400)": refused},
        }  # fmt: skip
        again = replay_dead_letters(POISONOUS, "run 1", dry_run=False, settings=own)
        assert again["failed_again"] == {"model refused it (400)": refused}
        assert (again["chosen"], again["resolved"]) == (refused, 0)
        assert posts.ask(ATTEMPTS + "replayed_at IS NULL") == [1] * refused
        posts.account()

        posts.serve_next(4, after=3, poison="nothing is")
        one = replay_dead_letters(replace(POISONOUS, limit=1), "run 2", dry_run=False, settings=own)
        rest = replay_dead_letters(POISONOUS, "run 3", dry_run=False, settings=own)
        twice = replay_dead_letters(POISONOUS, "run 4", dry_run=False, settings=own)
        unreadable = replay_dead_letters(Selection("ai_tweets"), "run 5", dry_run=False, settings=own)
        assert [done["resolved"] for done in (one, rest, twice, unreadable)] == [1, refused - 1, 0, 0]
        assert unreadable["failed_again"] == {"not JSON": unreadable["chosen"]}
        assert posts.ask(ATTEMPTS + "replayed_at IS NOT NULL AND last_reason IS NULL") == [2] * refused
        assert posts.ask("SELECT array_agg(DISTINCT replayed_by ORDER BY replayed_by) FROM dead_letter") == [
            "run 2", "run 3", None,
        ]  # fmt: skip
        assert posts.ask(ROWS_OF_POISON) == refused
        assert posts.ask("SELECT count(*) FROM ai_tweets") == before + refused
        posts.account()

        shutil.rmtree(posts.checkpoint)
        posts.run_to_the_end()
        posts.account()
        assert posts.ask("SELECT count(*) FROM ai_tweets") == before + refused

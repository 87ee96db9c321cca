"""What the replay of X's stream sends."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.errors import UserError
from include.settings import Settings
from include.workloads.ai_tweets.live_feed import PRODUCERS, choose_replay, replay_options_file


def test_a_replay_that_sends_other_posts_is_stopped(tmp_path: Path) -> None:
    settings, stops = Settings(_env_file=None, state_dir=tmp_path, input_folders=str(tmp_path)), list[str]()
    dump = tmp_path / "posts.jsonl"
    dump.touch()

    def choose(chosen: Path | None) -> int:
        """How often it was stopped for that."""
        before = len(stops)
        choose_replay(settings, str(chosen) if chosen else None, lambda: stops.append("stop"))
        return len(stops) - before

    assert choose(dump) == 1
    assert f"--source={dump}\n" in replay_options_file(settings).read_text()
    assert choose(dump) == 0
    assert choose(None) == 1
    assert "--source=synthetic\n" in replay_options_file(settings).read_text()


def test_a_dump_that_is_not_there_is_named(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, state_dir=tmp_path)
    with pytest.raises(UserError, match=r"/etc/passwd' is outside of the folders that runs may read"):
        choose_replay(settings, "/etc/passwd", lambda: pytest.fail("stopped for nothing"))
    with pytest.raises(UserError, match=r"no/such\.jsonl: no such file"):
        choose_replay(settings, "no/such.jsonl", lambda: pytest.fail("stopped for nothing"))


def test_the_replays_server_starts_before_its_client(tmp_path: Path) -> None:
    server, client = PRODUCERS["replay"].programs
    settings = Settings(_env_file=None, state_dir=tmp_path, replay_port=1234)
    assert (server.name, dict(server.ports(settings))) == ("replay", {"replay_port": 1234})
    assert list(server.arguments(settings)) == [f"@{replay_options_file(settings)}"]
    assert (client.name, list(client.arguments(settings))) == ("feed", ["--source", "replay"])

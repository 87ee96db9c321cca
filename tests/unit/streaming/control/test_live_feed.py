"""Which programs make a live feed; they are an in-memory launcher's."""

from __future__ import annotations

import pytest

from include.errors import UserError
from include.infra.processes.paths import replay_options_file
from include.streaming.control import launcher, live_feed


class Programs:
    """Remembers what was started and stopped, in order."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []

    def start(self, program: str) -> None:
        self.calls.append(("start", program))

    def stop(self, program: str) -> None:
        self.calls.append(("stop", program))


@pytest.fixture
def programs(settings, monkeypatch: pytest.MonkeyPatch) -> Programs:
    made = Programs()
    monkeypatch.setattr(launcher, "launcher", lambda settings: made)
    replay_options_file(settings).parent.mkdir(parents=True, exist_ok=True)
    replay_options_file(settings).unlink(missing_ok=True)
    return made


def test_a_replay_is_started_anew_only_for_other_posts(settings, programs):
    live_feed.ensure_feed(settings, "replay", "posts.jsonl")
    assert programs.calls == [("stop", "replay"), ("start", "replay"), ("start", "feed")]
    assert "--source=posts.jsonl\n" in replay_options_file(settings).read_text()
    programs.calls.clear()
    live_feed.ensure_feed(settings, "replay", "posts.jsonl")
    assert programs.calls == [("start", "replay"), ("start", "feed")]
    programs.calls.clear()
    live_feed.ensure_feed(settings, "replay")
    assert programs.calls[0] == ("stop", "replay")


def test_no_feed_starts_nothing(settings, programs):
    live_feed.ensure_feed(settings, "none")
    assert programs.calls == []


def test_an_unknown_feed_names_those_there_are(settings, programs):
    with pytest.raises(UserError, match="'pigeon'; there is: none, replay, x"):
        live_feed.ensure_feed(settings, "pigeon")


def test_the_publisher_stops_before_its_server(settings, programs):
    live_feed.stop_feed(settings)
    assert programs.calls == [("stop", "feed"), ("stop", "replay"), ("stop", "feed-x")]


def test_a_dump_that_is_not_there_is_named(settings, programs):
    with pytest.raises(UserError, match=r"no/such\.jsonl: no such file"):
        live_feed.ensure_stream(feed="replay", dump="no/such.jsonl")
    assert programs.calls == []

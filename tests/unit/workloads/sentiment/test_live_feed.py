"""What the producer sends, as the Param ``dump`` of the stream's DAG chooses it."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.errors import UserError
from include.settings import Settings
from include.workloads.sentiment.live_feed import PRODUCERS, choose
from include.workloads.sentiment.producer import parse


@pytest.fixture
def stack(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, state_dir=tmp_path / "state")


def chosen(stack: Settings, source: str | None) -> tuple[Path | None, int]:
    """What the producer's program would send, and how often the one before was stopped."""
    stopped: list[None] = []
    choose(stack, source, lambda: stopped.append(None))
    (program,) = PRODUCERS["producer"].programs
    return parse(program.arguments(stack)).file, len(stopped)


def test_it_sends_made_up_messages_or_those_of_a_file(stack: Settings, tmp_path: Path) -> None:
    texts = tmp_path / "some texts.txt"
    texts.write_text("fine\n")
    assert chosen(stack, None) == (None, 1)
    assert chosen(stack, None) == (None, 0)
    assert chosen(stack, str(texts)) == (texts, 1)
    assert chosen(stack, str(texts)) == (texts, 0)
    assert chosen(stack, None) == (None, 1)


def test_a_file_that_is_not_there_is_refused_and_stops_nothing(stack: Settings) -> None:
    chosen(stack, None)
    with pytest.raises(UserError, match="no/such is no file of texts"):
        choose(stack, "no/such", lambda: pytest.fail("stopped"))

"""Streams under test, each in a database of its own on the session's servers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from include.local_stack.database.preparation import prepare_databases
from include.settings import Settings
from tests.support.streaming.post_stream import PostStream


def own_database(settings: Settings, name: str, state: str, **changes: object) -> Settings:
    """Settings of a database with the shared tables, and of a state folder of its own."""
    own = settings.model_copy(
        update={"postgres_database": name, "state_dir": settings.state_dir / state, **changes}
    )
    prepare_databases(own)
    own.logs_dir.mkdir(parents=True, exist_ok=True)
    return own


@pytest.fixture(scope="session")
def posts(database: Settings, kafka: Settings) -> Iterator[PostStream]:
    """The stream of posts, without a model in service yet; whoever uses it sends posts of other ids."""
    settings = own_database(
        database, "stream_test", "stream", ai_topic="stream_test_ai", mix_topic="stream_test_mix"
    )
    with ExitStack() as stack:
        yield PostStream(settings, "ai_tweets", stack)

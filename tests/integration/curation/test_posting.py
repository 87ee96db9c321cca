"""Reposting for real, against a server of this machine that speaks X's endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr, ValidationError

from include.curation.cards import Card
from include.curation.filters import Filter
from include.curation.posting import post, posts_itself
from include.curation.service import CurationService
from include.infra.postgres.connection import connect
from include.infra.processes.ports import free_ports
from include.settings import Settings
from tests.support.curation.feed import payload, stream
from tests.support.curation.x_endpoint import Endpoint, endpoint

NAMES = ("x_consumer_key", "x_consumer_secret", "x_access_token", "x_access_secret")


@pytest.fixture
def x() -> Iterator[Endpoint]:
    with endpoint() as found:
        yield found


@pytest.fixture
def sending(database: Settings, x: Endpoint) -> Settings:
    """Settings with which reposts are sent, two an hour."""
    secrets = {name: SecretStr(f"4711-{name}") for name in NAMES}
    more = {"repost_platform": "x", "repost_dry_run": False, "repost_per_hour": 2, "x_api_url": x.url}
    return database.as_role("dashboard").model_copy(update=secrets | more)


@pytest.fixture
def cards(cleared: psycopg.Connection, database: Settings, service: CurationService) -> list[Card]:
    stream(database, [(payload(n, f"paper {n}", f"https://a.org/{n}"), 0.9 - n / 100) for n in range(1, 5)])
    return service.cards(service.begin("ann", Filter()))


def outcomes(connection: psycopg.Connection) -> list[tuple[Any, ...]]:
    return connection.execute("SELECT action, post_id, details FROM curation_event ORDER BY id").fetchall()


def sent(settings: Settings, *cards: Card) -> list[str]:
    with connect(settings, autocommit=True) as connection:
        return [post(connection, card, "ann", settings) for card in cards]


def test_a_repost_is_sent_signed_and_once(
    cards: list[Card], sending: Settings, x: Endpoint, cleared: psycopg.Connection
) -> None:
    assert sent(sending, cards[0], cards[0]) == [
        "Reposted on X.", "It was reposted before: nothing was sent again.",
    ]  # fmt: skip
    ((path, body, signature),) = x.sent
    assert (path, body) == ("/2/users/4711/retweets", {"tweet_id": "1"})
    assert signature.startswith("OAuth ")
    assert 'oauth_consumer_key="4711-x_consumer_key"' in signature
    ((action, post_id, details),) = outcomes(cleared)
    assert (action, post_id, details["answer"]["rest_id"]) == ("posted", "1", "99")


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (403, {"title": "Forbidden", "detail": "You may not"}, "X refuses"),
        (429, {"title": "Too Many Requests"}, "no more reposts"),
        (500, {}, "X refuses"),
        (200, {"data": {"retweeted": False}}, "without confirming"),
        (200, [], "without confirming"),
    ],
)
def test_a_failure_is_recorded_and_can_be_tried_again(
    cards: list[Card],
    sending: Settings,
    x: Endpoint,
    cleared: psycopg.Connection,
    status: int,
    body: Any,
    said: str,
) -> None:
    x.status, x.body, well = status, body, x.body
    (answer,) = sent(sending, cards[0])
    assert said in answer
    ((action, _, details),) = outcomes(cleared)
    assert action == "failed"
    assert said in details["said"]
    x.status, x.body = 200, well
    assert sent(sending, cards[0]) == ["Reposted on X."]


def test_no_more_than_the_limit_is_sent_within_an_hour(
    cards: list[Card], sending: Settings, x: Endpoint
) -> None:
    answers = sent(sending, *cards[:3])
    assert len(x.sent) == 2
    assert "the limit" in answers[2]


def test_a_dry_run_sends_nothing(
    cards: list[Card], sending: Settings, x: Endpoint, cleared: psycopg.Connection
) -> None:
    (answer,) = sent(sending.model_copy(update={"repost_dry_run": True}), cards[0])
    assert "dry run" in answer
    assert x.sent == []
    assert sent(sending, cards[0]) == ["Reposted on X."], "it does not count as sent"
    assert [action for action, *_ in outcomes(cleared)] == ["posted", "posted"]


def test_a_platform_that_does_not_answer_is_said(cards: list[Card], sending: Settings) -> None:
    away = sending.model_copy(update={"x_api_url": f"http://127.0.0.1:{free_ports(1)[0]}"})
    assert "does not answer" in sent(away, cards[0])[0]


def test_it_is_off_and_a_dry_run_by_default(cards: list[Card], monkeypatch: pytest.MonkeyPatch) -> None:
    assert not posts_itself(cards[0], Settings(_env_file=None))
    assert Settings(_env_file=None).repost_dry_run
    with pytest.raises(ValidationError, match="X_CONSUMER_KEY"):
        Settings(_env_file=None, repost_platform="x")

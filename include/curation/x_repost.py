"""A repost on X, by its API v2 with the credentials of the account that reposts."""

from __future__ import annotations

from typing import Any

import requests
import tweepy

from include.settings import Settings

OFFICIAL = "https://api.twitter.com"
SECONDS = 10.0
LONGEST_ANSWER = 300


class NotReposted(Exception):
    """Why the platform did not repost, in its own words as far as it has any."""


class _Session(requests.Session):
    """tweepy knows one host; this sends to the one of the settings, and never waits for ever."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = base.rstrip("/")
        self.trust_env = base == OFFICIAL

    def request(self, method: str, url: str, *args: Any, **how: Any) -> requests.Response:  # type: ignore[override]
        there = self._base + url.removeprefix(OFFICIAL)
        return super().request(method, there, *args, **{"timeout": SECONDS, **how})


def repost_on_x(post_id: str, settings: Settings) -> dict[str, str]:
    """Repost; X takes a second time for the first one. Returns what X answers, its id among it, as text.

    Raises:
        NotReposted: refused, too many requests, no answer within SECONDS, or one without the repost.
    """
    client = tweepy.Client(
        consumer_key=settings.x_consumer_key.get_secret_value(),
        consumer_secret=settings.x_consumer_secret.get_secret_value(),
        access_token=settings.x_access_token.get_secret_value(),
        access_token_secret=settings.x_access_secret.get_secret_value(),
        return_type=dict,
    )
    client.session = _Session(settings.x_api_url)
    try:
        answer = client.retweet(post_id)
    except tweepy.TooManyRequests as problem:
        raise NotReposted("X allows no more reposts for now") from problem
    except tweepy.HTTPException as problem:
        raise NotReposted(f"X refuses: {str(problem)[:LONGEST_ANSWER]}") from problem
    except (requests.RequestException, ValueError) as problem:
        raise NotReposted(f"X does not answer: {type(problem).__name__}") from problem
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(data, dict) or data.get("retweeted") is not True:
        raise NotReposted("X answered without confirming the repost")
    return {str(name)[:50]: str(value)[:LONGEST_ANSWER] for name, value in data.items()}

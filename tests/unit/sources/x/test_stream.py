"""The X source without a server: its token, its topics, its errors."""

from __future__ import annotations

import io
import json
import logging
import queue
import threading
from typing import Any

import pytest
import requests
from pydantic import SecretStr
from urllib3 import HTTPResponse

from include.sources.interface.source import SourceError
from include.sources.registry import KINDS, make_source
from include.sources.x.client import FilteredStream, hide_token
from include.sources.x.stream import XSource
from include.sources.x.topic_routing import TopicRouter

TOKEN = "AAAAsecretSECRETsecret%3D"


def test_a_missing_token_names_the_setting_and_the_way_without(settings) -> None:
    with pytest.raises(SourceError, match=r"TWEETSIEVE_X_BEARER_TOKEN.*SOURCE=replay"):
        make_source("x", settings)


def test_a_token_that_is_none_is_not_quoted(settings) -> None:
    broken = settings.model_copy(update={"x_bearer_token": SecretStr("two\nlines")})
    with pytest.raises(SourceError) as error:
        make_source("x", broken)
    assert "lines" not in str(error.value)


@pytest.mark.parametrize("url", ["ftp://a.example", "api.twitter.com", "http://api.twitter.com"])
def test_the_token_goes_over_https_or_loopback_only(url: str) -> None:
    with pytest.raises(SourceError, match="TWEETSIEVE_X_API_URL"):
        FilteredStream(TOKEN, url, queue.Queue(), threading.Event())


def test_the_token_is_never_logged() -> None:
    hide_token(TOKEN)
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    logger = logging.getLogger("tweepy.client")
    logger.addHandler(handler)
    level = logger.level
    logger.setLevel(logging.DEBUG)
    try:
        stream = FilteredStream(TOKEN, "http://127.0.0.1:9", queue.Queue(), threading.Event())
        with pytest.raises(requests.ConnectionError) as error:  # nothing listens on the discard port
            stream.get_rules()
        logger.debug("again %s", {"Authorization": f"Bearer {TOKEN}"})
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    assert "Making API request" in written.getvalue()
    assert "Bearer ***" in written.getvalue()
    assert TOKEN not in written.getvalue()
    assert TOKEN not in repr(error.value)


def payload(text: str, *rules: dict) -> bytes:
    return json.dumps({"data": {"id": "1", "text": text}, "matching_rules": list(rules)}).encode()


@pytest.mark.parametrize(
    ("raw", "topic"),
    [
        (payload("cats", {"id": "1", "tag": "ai:2"}), "ai"),
        (payload("AI", {"id": "1", "tag": "mix:1"}), "mix"),
        (payload("AI", {"id": "1", "tag": "mix:1"}, {"id": "2", "tag": "ai:1"}), "ai"),
        (payload("AI", {"id": "9"}), "mix"),
        (payload("AI", {"id": "unknown"}), "ai"),
        (payload("cats"), "mix"),
        (payload("cats", {"id": None, "tag": 7}), "mix"),
        (b'{"data": {"id": "1", "text": "AI"}, "matching_rules": "odd"}', "ai"),
        (payload("cats \ud83d", {"id": "1", "tag": "ai:2"}), "ai"),
        (b"\xef\xbb\xbf" + payload("AI", {"id": "9"}), "mix"),
    ],
)
def test_the_tag_decides_the_topic(settings, raw: bytes, topic: str) -> None:
    topics = TopicRouter(settings)
    topics.rules = {"9": "mix:3"}
    post = topics.raw_post(raw)
    assert post is not None
    assert post == (settings.ai_topic if topic == "ai" else settings.mix_topic, b"1", raw)


@pytest.mark.parametrize(
    "raw", [b"", b"cut {", b"null", b"[]", b'{"data": [1]}', b'{"data": {"id": "1"}}', b"\xff"]
)
def test_what_is_no_post_goes_on_raw_without_a_key(settings, raw: bytes) -> None:
    assert TopicRouter(settings).raw_post(raw) == (settings.mix_topic, None, raw)


def test_an_error_of_the_source_is_logged_and_published_for_the_health_monitor(settings, caplog) -> None:
    raw = b'{"errors": [{"title": "operational-disconnect", "detail": "Upstream"}]}'
    assert TopicRouter(settings).raw_post(raw) == (settings.mix_topic, None, raw)
    assert "operational-disconnect" in caplog.text


def test_an_error_with_half_an_emoji_is_logged_as_well(settings, caplog) -> None:
    raw = b'\xef\xbb\xbf{"errors": [{"title": "operational-disconnect", "detail": "Up\\ud83d"}]}'
    assert TopicRouter(settings).raw_post(raw) == (settings.mix_topic, None, raw)
    assert "operational-disconnect: Up?" in caplog.text


def test_unknown_kind_lists_the_kinds(settings) -> None:
    with pytest.raises(SourceError) as error:
        make_source("kafka", settings)
    assert all(kind in str(error.value) for kind in KINDS)
    with pytest.raises(SourceError, match="path"):
        make_source("dump", settings)
    with pytest.raises(SourceError, match=r"'posts.jsonl' is for source dump, and the source is synthetic"):
        make_source("synthetic", settings, path="posts.jsonl")


def test_versions_of_the_synthetic_source_differ(settings) -> None:
    prints = {make_source("synthetic", settings, posts=10, version=v).fingerprint() for v in range(3)}
    assert len(prints) == 3


def test_no_server_is_an_error_that_says_how_to_start_one(settings) -> None:
    with pytest.raises(SourceError, match=r"127\.0\.0\.1.*include\.sources\.replay"):
        next(XSource.replay(settings, patience=0).posts())


class _Ended(requests.adapters.BaseAdapter):
    """A server whose answers have been read to their end: the connection is released."""

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        answer = requests.Response()
        answer.status_code, answer.request = 200, request
        answer.raw = HTTPResponse(io.BytesIO(), preload_content=False, sock_shutdown=lambda how: None)
        return answer

    def close(self) -> None:
        pass


def test_a_stream_that_has_just_ended_can_be_stopped() -> None:
    """A signal comes at any time; an error in its handler would lose the posts that wait to be published."""
    stream = FilteredStream(TOKEN, "http://127.0.0.1:1", queue.Queue(), threading.Event())
    stream.session.mount("http://", _Ended())
    stream.disconnect()
    stream.session.request("GET", "/2/tweets/search/stream", stream=True)
    stream.disconnect()
    assert not stream.running

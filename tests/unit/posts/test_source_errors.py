"""A problem or a disconnect is a source error wherever it stands, and no post is taken for one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from include.posts.fast_parse import read_light
from include.posts.parse import SOURCE_ERROR, parse_post
from include.posts.post import PostError
from include.posts.source_errors import error_of, stated_error_of
from include.workloads.ai_tweets.workload import source_error

PROBLEMS = "https://api.twitter.com/2/problems/"
DISCONNECT = {"title": "operational-disconnect", "disconnect_type": "OperationalDisconnect", "detail": "Gone"}
POST = {"id": "1", "text": "a post", "edit_history_tweet_ids": ["1"]}
MISSING = {"title": "Not Found Error", "type": PROBLEMS + "resource-not-found", "detail": "No 7"}


def reason(message: Any) -> str:
    raw = message if isinstance(message, bytes) else json.dumps(message).encode()
    found = []
    for read in (parse_post, read_light):
        try:
            read(raw)
            found.append("post")
        except PostError as error:
            found.append(error.reason)
    assert found[0] == found[1]
    return found[0]


ERRORS: list[tuple[Any, str]] = [
    (DISCONNECT | {"type": PROBLEMS + "operational-disconnect"}, "operational-disconnect: Gone"),
    (DISCONNECT, "operational-disconnect: Gone"),
    ({"title": "operational-disconnect"}, "operational-disconnect"),
    ({"disconnect_type": "UpstreamUncleanDisconnect"}, "UpstreamUncleanDisconnect"),
    (
        {"title": "ConnectionException", "connection_issue": "TooManyConnections"},
        "TooManyConnections",
    ),
    (
        {"type": PROBLEMS + "usage-capped", "title": "UsageCapExceeded", "detail": "Cap"},
        "UsageCapExceeded: Cap",
    ),
    ({"type": "https://api.x.com/2/problems/streaming-connection"}, "streaming-connection"),
    ({"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "No"}, "Unauthorized: No"),
    ({"title": "Too Many Requests", "detail": "Too Many Requests"}, "Too Many Requests"),
    ({"error": DISCONNECT}, "operational-disconnect: Gone"),
    ({"error": [DISCONNECT]}, "operational-disconnect: Gone"),
    ({"error": {"message": "Forced Disconnect", "sent": "2026-01-01"}}, "Forced Disconnect"),
    ({"error": True, "message": "lost"}, "error: lost"),
    (POST | {"error": DISCONNECT}, "operational-disconnect: Gone"),
    ([DISCONNECT], "operational-disconnect: Gone"),
    ([[{"errors": [DISCONNECT]}]], "operational-disconnect: Gone"),
    ({"errors": DISCONNECT}, "operational-disconnect: Gone"),
    ({"errors": "gone"}, "gone"),
    ({"errors": [MISSING], "data": None}, "Not Found Error"),
    ({"errors": [{"code": 88, "message": "Rate limit exceeded"}]}, "88: Rate limit exceeded"),
    ({"data": DISCONNECT}, "operational-disconnect: Gone"),
    ({"data": [POST, DISCONNECT], "meta": {"result_count": 2}}, "operational-disconnect: Gone"),
    ({"data": [POST], "errors": [MISSING, DISCONNECT]}, "operational-disconnect: Gone"),
    ({"data": POST, "errors": [DISCONNECT]}, "operational-disconnect: Gone"),
    ({"meta": {"problem": DISCONNECT}}, "operational-disconnect: Gone"),
    ({"disconnect": {"code": 4, "stream_name": "s", "reason": "bye"}}, "disconnect: bye"),
    ({"limit": {"track": 1234, "timestamp_ms": "1"}}, "limit: track 1234"),
    ({"warning": {"code": "FALLING_BEHIND", "message": "Full", "percent_full": 60}}, "FALLING_BEHIND: Full"),
    (b'\xef\xbb\xbf{"title":"operational-disconnect","detail":"half \\ud83d"}', "disconnect: half ?"),
]


@pytest.mark.parametrize(("message", "says"), ERRORS)
def test_a_problem_is_a_source_error(message: Any, says: str) -> None:
    assert reason(message) == SOURCE_ERROR
    raw = message if isinstance(message, bytes) else json.dumps(message).encode()
    assert says in (source_error(raw) or ""), "what the monitor forwards"


NONE: list[tuple[Any, str]] = [
    ({"data": POST, "errors": [MISSING | {"resource_id": "7"}]}, "post"),
    ({"data": POST, "errors": [MISSING, {"title": "Authorization Error"}]}, "post"),
    ({"data": POST, "errors": [{"title": "Gone", "type": PROBLEMS + "x", "resource_type": "user"}]}, "post"),
    ({"data": [POST], "errors": [MISSING]}, "not a post"),
    ({"data": {"id": "1"}, "errors": [MISSING]}, "no text"),
    ({"id_str": "1", "text": "a", "title": "How to disconnect", "detail": "x", "type": "blog"}, "post"),
    ({"id_str": "1", "text": "a", "errors": []}, "post"),
    ({"id_str": "1", "text": "a", "limit": {"track": 1}, "warning": {"code": "x"}}, "post"),
    ({"id": 1, "entities": {"urls": [{"title": "disconnected", "status": 200}]}}, "no text"),
    ({"delete": {"status": {"id": 1}}}, "not a post"),
    ({"status_withheld": {"id": 1}}, "not a post"),
    ([], "not an object"),
    ([POST], "not an object"),
]


@pytest.mark.parametrize(("message", "expected"), NONE)
def test_what_is_none(message: Any, expected: str) -> None:
    assert reason(message) == expected


def test_an_error_within_endless_data_is_looked_for_in_bounded_time() -> None:
    deep: Any = DISCONNECT
    for _ in range(400):
        deep = [deep]
    assert error_of(deep) is None
    nested: Any = "x"
    for _ in range(900):
        nested = [nested]
    assert error_of({"error": {"title": nested, "detail": "told"}}) == "told"
    assert stated_error_of({"status": "error", "message": nested}) == "error"


def test_shared_problems(real_data: Path) -> None:
    file = real_data / "faults" / "bare-problem-in-stream" / "input.jsonl"
    if not file.is_file():
        pytest.skip(f"{file} is absent")
    assert {reason(line) for line in file.read_bytes().splitlines()} == {SOURCE_ERROR}

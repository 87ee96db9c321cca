"""Notices by which a source says that a post, or an account with all its posts, is deleted.

X: v1.1's ``{"delete": {"status": ...}}`` and account notices; v2's compliance streams
(``{"data": {"delete": ...}}``, ``{"data": {"user_delete": ...}}``) and the lines of batch compliance jobs.
Bluesky: Jetstream's commits with ``operation: delete`` and account events. An account that is protected or
suspended counts as deleted: its posts may not be shown. Not among them: what is withheld in some countries,
``scrub_geo`` (no place is kept), and accounts that are only deactivated, which may come back.

Sources: https://docs.x.com/x-api/compliance/streams/introduction, the v1.1 messages that archives hold, and
https://github.com/bluesky-social/jetstream#consuming-jetstream.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from include.posts import fields
from include.posts.bluesky import COLLECTION
from include.posts.values.ids import plain_id
from include.posts.values.json_value import NotJson, load

Payload = dict[str, Any]
Kind = Literal["post", "author"]

_POST_NOTICES = ("delete", "tweet_delete", "post_delete", "drop", "tweet_drop")
_USER_NOTICES = ("user_delete", "user_protect", "user_suspend")
_JOB_REASONS = frozenset(("deleted", "deactivated", "protected", "suspended", "bounced"))
_GONE = frozenset(("deleted", "takendown"))

POST_ID = re.compile(r"[0-9]{1,25}|at://did:[a-z0-9]+:[A-Za-z0-9._:%-]+/[A-Za-z0-9.-]+/[A-Za-z0-9._:~-]+")
"""X's number, or Bluesky's whole address."""
AUTHOR_ID = re.compile(r"[0-9]{1,25}|did:[a-z0-9]+:[A-Za-z0-9._:%-]+")
"""X's number of the account, or Bluesky's DID."""


class Deletion(NamedTuple):
    """What is to be forgotten; it holds no text."""

    kind: Kind
    id: str


def deletion_in(raw: bytes) -> Deletion | None:
    """The deletion that a message notifies of; None for any other message.

    >>> deletion_in(b'{"delete": {"status": {"id": 12, "id_str": "12", "user_id": 3}}}')
    Deletion(kind='post', id='12')
    >>> deletion_in(b'{"data": {"user_delete": {"user": {"id": "3"}}}}')
    Deletion(kind='author', id='3')
    >>> deletion_in(b'{"delete": {"favorite": {"tweet_id": 12}}}')
    """
    try:
        payload = load(raw)
    except NotJson:
        return None
    if not isinstance(payload, dict):
        return None
    found = next(filter(None, _readings(payload)), None)
    if found is None:
        return None
    known = POST_ID if found.kind == "post" else AUTHOR_ID
    return found if known.fullmatch(found.id) else None


def _readings(payload: Payload) -> Iterator[Deletion | None]:
    for part in (payload, fields.mapping(payload.get("data"))):
        yield _of_x(part)
    yield _of_job(payload)
    yield _of_bluesky(payload)


def _of_x(payload: Payload) -> Deletion | None:
    for name in _POST_NOTICES:
        told = fields.mapping(payload.get(name))
        for key in ("status", "tweet", "post"):
            if post := fields.mapping(told.get(key)):
                return Deletion("post", plain_id(post.get("id_str")) or plain_id(post.get("id")))
    for name in _USER_NOTICES:
        if told := fields.mapping(payload.get(name)):
            user = fields.mapping(told.get("user")) or told
            written = (user.get("id_str"), user.get("id"), user.get("user_id"))
            return Deletion("author", next(filter(None, map(plain_id, written)), ""))
    return None


def _of_job(payload: Payload) -> Deletion | None:
    """A line of a batch compliance job on posts."""
    reason = payload.get("reason")
    if payload.get("action") != "delete" or not isinstance(reason, str) or "text" in payload:
        return None
    return Deletion("post", plain_id(payload.get("id"))) if reason in _JOB_REASONS else None


def _of_bluesky(payload: Payload) -> Deletion | None:
    did = fields.string(payload.get("did"))
    commit, account = fields.mapping(payload.get("commit")), fields.mapping(payload.get("account"))
    if did and commit.get("operation") == "delete" and commit.get("collection") == COLLECTION:
        return Deletion("post", f"at://{did}/{COLLECTION}/{commit.get('rkey')}")
    if did and account.get("status") in _GONE and account.get("active") is not True:
        return Deletion("author", did)
    return None

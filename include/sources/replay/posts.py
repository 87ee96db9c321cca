"""The posts that the replay server streams: of any source, in the form of X API v2."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from include.infra.input_files.allowed import allowed_input
from include.posts.parse import parse_post
from include.posts.post import Post, PostError
from include.posts.values import json_value
from include.settings import Settings
from include.sources.dump.source import DumpSource
from include.sources.interface.source import Source
from include.sources.replay.rule_language import Candidate
from include.sources.synthetic.source import SyntheticSource


def source_of(name: str, settings: Settings, seed: int, *, confined: bool = False) -> Source:
    """The source ``synthetic``, which never ends, or the dump at a path or URL.

    Args:
        confined: the path comes from a run, and lies where runs may read.

    Raises:
        UserError: the dump can't be read, or may not be.
    """
    if name == "synthetic":
        return SyntheticSource(settings, posts=None, seed=seed)
    dump = DumpSource(settings, allowed_input(name, "dump", settings) if confined else name)
    dump.validate()
    return dump


def stream_posts(source: Source, loops: int) -> Iterator[tuple[dict[str, Any], Candidate]]:
    """v2 payloads without matching rules, and the fields that rules match; ``loops=0`` repeats without end.

    From the second round on the ids are new, as in a live stream.
    """
    for round_ in range(loops) if loops else count():
        empty = True
        for raw in source.posts():
            try:
                post = parse_post(raw.value)
            except PostError:
                continue
            empty = False
            yield _v2(raw.value, post, round_), candidate(post)
        if empty:
            return


def candidate(post: Post) -> Candidate:
    return Candidate(post.text.lower(), post.lang, post.is_retweet, bool(post.links))


def _v2(raw: bytes, post: Post, round_: int) -> dict[str, Any]:
    payload = _as_it_came(raw) if post.source_kind == "x_v2" else _converted(post)
    if round_:
        payload["data"]["id"] = _new_id(post.id, round_)
    return payload


def _new_id(identifier: str, round_: int) -> str:
    return str(int(identifier) + round_) if identifier.isdecimal() else f"{identifier}-{round_}"


def _as_it_came(raw: bytes) -> dict[str, Any]:
    payload = json_value.load(raw)
    payload = payload if "data" in payload else {"data": payload}
    payload.pop("matching_rules", None)
    return payload


def _converted(post: Post) -> dict[str, Any]:
    """A post converted to v2, where a text longer than 280 characters is a note."""
    data: dict[str, Any] = {"id": post.id, "text": post.text[:280], "edit_history_tweet_ids": [post.id]}
    if len(post.text) > 280:
        data["note_tweet"] = {"text": post.text}
    if post.created_at:
        data["created_at"] = post.created_at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    if post.lang:
        data["lang"] = post.lang
    entities = {
        "urls": [{"url": link, "expanded_url": link} for link in post.links],
        "hashtags": [{"tag": tag} for tag in post.hashtags],
    }
    if any(entities.values()):
        data["entities"] = {name: values for name, values in entities.items() if values}
    if not post.is_retweet or post.source_kind == "plain":
        return {"data": data}
    told = data | {"id": f"{post.id}0"}
    data = {**data, "text": f"RT @user: {post.text}"[:140]}
    data.pop("note_tweet", None)
    data["referenced_tweets"] = [{"type": "retweeted", "id": told["id"]}]
    return {"data": data, "includes": {"tweets": [told]}}

"""The dump source: a file or folder of posts."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from include.lexicon.keywords import is_ai_text
from include.posts.parse import parse_post
from include.posts.post import PostError
from include.settings import Settings
from include.sources.dump.files import DumpRow, dump_files, rows
from include.sources.interface.source import RawPost, SourceError

log = logging.getLogger(__name__)

BROKEN = frozenset(("not JSON", "not UTF-8", "not an object"))
"""Reasons that mean the file is damaged, or not of the format of its name."""


class DumpSource:
    """Posts of JSONL, CSV or parquet files, gz or not, in the order of their names and lines.

    The whole dump is read once before the first post is yielded, so that a damaged file is an error that
    names file and line, and nothing of it is published. A valid row that is no post (a deletion, an empty
    text) is published to the mixed topic without a key, and becomes a dead letter there.
    """

    kind = "dump"
    live = False

    def __init__(self, settings: Settings, path: Path) -> None:
        self._settings = settings
        self._path = path

    def posts(self) -> Iterator[RawPost]:
        count = self.validate()
        log.info("%s: %d rows", self._path, count)
        for file in dump_files(self._path):
            for row in rows(file):
                yield self._raw_post(row.value)

    def validate(self) -> int:
        """Read everything and return the number of rows.

        Raises:
            SourceError: a missing, unreadable or empty file, an unknown column layout or a broken
                line; the message names the file and the line.
        """
        total = 0
        for file in dump_files(self._path):
            count = sum(1 for row in rows(file) if _checked(row))
            if not count:
                raise SourceError(f"{file}: the file holds no row")
            total += count
        return total

    def fingerprint(self) -> str:
        """A hash of the files' content, in order: independent of where the dump is."""
        digest = hashlib.sha256()
        for file in dump_files(self._path):
            with file.open("rb") as content:
                digest.update(hashlib.file_digest(content, "sha256").digest())
        return f"dump:{digest.hexdigest()[:32]}"

    def parameters(self) -> dict[str, Any]:
        return {"path": str(self._path)}

    def _raw_post(self, value: bytes) -> RawPost:
        try:
            post = parse_post(value)
        except PostError:
            return RawPost(self._settings.mix_topic, None, value)
        topic = self._settings.ai_topic if is_ai_text(post.text) else self._settings.mix_topic
        return RawPost(topic, post.id.encode(), value)


def _checked(row: DumpRow) -> bool:
    try:
        parse_post(row.value)
    except PostError as error:
        if error.reason in BROKEN:
            raise SourceError(f"{row.place}: {error.reason}; correct or remove the line") from None
        if error.reason in ("no id", "no text", "bad id") and not _has_layout(row.value):
            raise SourceError(
                f"{row.place}: {error.reason}: unknown column layout {_keys(row.value)}; known are X API "
                "v1.1 and v2 objects, Bluesky events, and rows with id_str (or id) and text"
            ) from None
    return True


def _object(value: bytes) -> dict[str, Any]:
    try:
        loaded = orjson.loads(value)
    except orjson.JSONDecodeError:  # a lone surrogate, which only the lenient parser accepts
        return {"id_str": "", "text": ""}
    return loaded if isinstance(loaded, dict) else {}


def _has_layout(value: bytes) -> bool:
    """Whether a row has the columns of a post, even if they are empty."""
    keys = _object(value).keys()
    if keys & {"data", "errors", "did", "uri"}:
        return True
    return bool(keys & {"id", "id_str"}) and bool(keys & {"text", "full_text", "extended_tweet"})


def _keys(value: bytes) -> str:
    names = ", ".join(list(_object(value))[:8])
    return f"({names[:120]})" if names else "an empty object"

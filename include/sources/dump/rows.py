"""The rows of a dump's files, each read as a post, and what can't be taken of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from include.infra.input_files.layout import Layout
from include.infra.input_files.location import InputFile
from include.infra.input_files.problems import BadLine, one_line
from include.infra.input_files.reader import LONGEST, kind_of, read_rows
from include.posts.deletions import deletion_in
from include.posts.parse import parse_post
from include.posts.post import Post, PostError
from include.posts.values.ids import ADVICE, is_mangled, plain_id
from include.sources.dump.layouts import mangled_id
from include.sources.dump.pages import page_posts

LAYOUT = Layout(
    {
        "id_str": ("id_str", "id", "tweet_id", "status_id", "tweetid", "post_id"),
        "text": ("text", "full_text", "tweet", "content", "body"),
    },
    optional=("created_at", "lang", "source"),
)
"""The columns of a table. JSON is read as the source sent it."""

LONGEST_PAGE = 32 * 1024 * 1024
"""Bytes of a line that holds a page of posts: 500 of them, with the posts and people that they refer to."""

DELETION = "deletion notice"
"""The reason of a row that is no post, but has one forgotten."""

BROKEN = frozenset(("not JSON", "not UTF-8", "not an object"))
"""Reasons that mean the file is damaged, or not of the format of its name."""


class DumpRow(NamedTuple):
    """One row as JSON, its place (``file, line n``), and the post in it, or why there is none."""

    place: str
    value: bytes
    post: Post | None
    reason: str = ""


class Refused(NamedTuple):
    """A row that can't be taken, so that nothing of the dump is."""

    place: str
    reason: str


def dump_rows(file: InputFile) -> Iterator[DumpRow | Refused]:
    """The rows of one file, a page of posts as one row each.

    Raises:
        InputFileError: the file can't be read, or has unknown columns.
    """
    kind = kind_of(file)
    word = "row" if kind == "parquet" else "line"
    for row in read_rows(file, LAYOUT, LONGEST_PAGE if kind == "jsonl" else LONGEST):
        place = f"{file.name}, {word} {row.line}"
        if isinstance(row, BadLine):
            yield Refused(place, row.reason)
        elif isinstance(row.value, bytes):
            yield from _json_rows(place, row.value)
        else:
            yield _table_row(place, row.value)


def _json_rows(place: str, value: bytes) -> Iterator[DumpRow | Refused]:
    row = _parsed(place, value)
    may_be_page = len(value) > LONGEST or (isinstance(row, DumpRow) and row.post is None)
    if may_be_page and (posts := page_posts(value)):
        for number, post in enumerate(posts, start=1):
            yield _parsed(f"{place}, post {number}", post)
    else:
        yield row


def _parsed(place: str, value: bytes) -> DumpRow | Refused:
    try:
        return DumpRow(place, value, parse_post(value))
    except PostError as error:
        reason = error.reason
    if len(value) > LONGEST:
        return Refused(place, f"longer than {LONGEST} bytes: not a post a line")
    if reason in BROKEN:
        return Refused(place, reason)
    if deletion_in(value):
        return DumpRow(place, value, None, DELETION)
    if reason in ("no id", "bad id") and (lost := mangled_id(value)):
        return Refused(place, f"id {lost} has lost digits: {ADVICE}")
    return DumpRow(place, value, None, reason)


def _table_row(place: str, cells: dict[str, Any]) -> DumpRow | Refused:
    identifier = cells["id_str"]
    if is_mangled(identifier):
        return Refused(place, f"id {one_line(str(identifier))} has lost digits: {ADVICE}")
    row = {"id_str": plain_id(identifier), "text": cells["text"]}
    row |= {name: str(value) for name in LAYOUT.optional if (value := cells.get(name)) not in (None, "")}
    try:
        return _parsed(place, orjson.dumps(row))
    except TypeError:
        return Refused(place, "the text is not a text")

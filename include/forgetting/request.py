"""What somebody asks to be forgotten: posts by ids, accounts with all their posts; checked as it is read."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from include.errors import UserError
from include.posts.deletions import AUTHOR_ID, POST_ID, Deletion
from include.posts.values.ids import plain_id

MOST_BYTES = 8_000_000
"""Of a file of ids: some 380,000 of X's."""
_SHOWN = 5
_PARTS = re.compile(r"[\s,;]+")


class BadRequest(UserError):
    """What is asked for makes no sense; the message names the value and the next step."""


@dataclass(frozen=True)
class Request:
    """Posts and accounts, each once; who asks, and why."""

    posts: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    by: str = ""
    reason: str = "asked for"

    @property
    def deletions(self) -> Iterator[Deletion]:
        yield from (Deletion("post", one) for one in self.posts)
        yield from (Deletion("author", one) for one in self.authors)


def make_request(
    ids: str | None = None,
    author: str | None = None,
    file: str | os.PathLike[str] | None = None,
    *,
    by: str,
    reason: str | None = None,
) -> Request:
    """Read what was asked for; nothing at all gives an empty request.

    Args:
        ids: of posts, between blanks or commas.
        author: an account's id: X's number, or a DID.
        file: path of a text file with an id of a post per line.

    Raises:
        BadRequest: naming the ids that are none, or what is wrong with the file.
    """
    posts = [
        *(_posts(_split(ids), "id") if ids is not None else ()),
        *(_of_file(file) if file is not None else ()),
    ]
    authors = (_author(author),) if author is not None else ()
    return Request(tuple(dict.fromkeys(posts)), authors, by, reason or "asked for")


def _split(text: str) -> list[str]:
    parts = [part for part in _PARTS.split(text) if part]
    if not parts:
        raise BadRequest("no id is given: name posts by their ids, separated by commas or blanks")
    return parts


def _posts(given: Iterable[str], where: str) -> list[str]:
    ids, bad = [], []
    for written in given:
        one = plain_id(written)
        if POST_ID.fullmatch(one):
            ids.append(one)
        else:
            bad.append(written)
    if bad:
        shown = ", ".join(repr(one[:80]) for one in bad[:_SHOWN])
        more = f" and {len(bad) - _SHOWN} more" if len(bad) > _SHOWN else ""
        raise BadRequest(
            f"{where} {shown}{more}: no id of a post, which is X's number (1240291123456789123) or Bluesky's "
            "address (at://did:plc:.../app.bsky.feed.post/...); nothing is forgotten"
        )
    return ids


def _author(written: str) -> str:
    one = plain_id(written)
    if not AUTHOR_ID.fullmatch(one):
        raise BadRequest(
            f"author {written[:80]!r} is no id of an account, which is X's number (783214; no @name, which "
            "may be another's tomorrow) or a DID (did:plc:...); nothing is forgotten"
        )
    return one


def _of_file(name: str | os.PathLike[str]) -> list[str]:
    path = Path(name)
    if not path.is_file():
        raise BadRequest(f"file {name}: no such file")
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise BadRequest(
                f"file {name} has {size:,} bytes, the most is {MOST_BYTES:,}: is it a file of ids, one a"
                " line? Part it, and give one part after the other"
            )
        lines = path.read_text(encoding="utf-8-sig").split()
    except UnicodeDecodeError:
        raise BadRequest(f"file {name} is no text: give one id a line") from None
    except OSError as error:
        raise BadRequest(f"file {name} can't be read: {error.strerror}") from None
    if not lines:
        raise BadRequest(f"file {name} holds no id")
    return _posts(lines, f"file {name}:")

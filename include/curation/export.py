"""The filtered cards as a file: CSV that no spreadsheet takes for formulas, or JSON Lines."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, Literal

import orjson
import psycopg

from include.curation.cards import Card, read_cards
from include.curation.search import Query
from include.posts.share_pages import permalink
from include.text.spreadsheet import guarded

Form = Literal["csv", "jsonl"]
MOST = 50_000
"""Cards of one file."""

COLUMNS = (
    "card", "post_id", "post_url", "link", "domain", "text", "author", "lang", "written_at", "first_seen",
    "last_seen", "probability", "model_version", "posts", "ai_posts", "link_posts", "link_ai_posts", "origin",
    "state", "decided_by", "decided_at",
)  # fmt: skip


def exported(connection: psycopg.Connection[Any], query: Query, form: Form) -> bytes:
    """At most MOST cards of the query, in its order."""
    rows = _rows(connection, query)
    if form == "jsonl":
        return b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
    written = io.StringIO()
    table = csv.DictWriter(written, COLUMNS)
    table.writeheader()
    table.writerows({name: guarded(value) for name, value in row.items()} for row in rows)
    return written.getvalue().encode()


def row_of(card: Card) -> dict[str, Any]:
    """A card as a row; ids are text."""
    values = {name: getattr(card, name) for name in COLUMNS if name not in ("card", "post_url")}
    own = {"card": str(card.card), "post_url": permalink(card.post_id)}
    return {name: own[name] if name in own else values[name] for name in COLUMNS}


def _rows(connection: psycopg.Connection[Any], query: Query) -> Iterator[dict[str, Any]]:
    after, count = None, 0
    while count < MOST and (places := query.page(connection, min(1_000, MOST - count), after)):
        after, count = places[-1], count + len(places)
        yield from map(row_of, read_cards(connection, [place.card for place in places]))

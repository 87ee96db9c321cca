"""Classified posts as the dashboard lists them: filtered, sorted, a page at a time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from psycopg import sql

from include.dashboard.read_only import ReadOnlyConnection
from include.posts.links import domain
from include.posts.share_pages import permalink
from include.text.direction import without_direction

Order = Literal["newest", "most likely"]

_SORT = {"newest": sql.Identifier("arrived_at"), "most likely": sql.Identifier("probability")}
_TIE = ("id", "topic", "kafka_partition", "kafka_offset")

MOST_LINKS, LONGEST_TEXT = 20, 5_000
"""Links and characters of a post that a page gets; of the rest it gets the number."""

_POSTS = """
SELECT id, left(text, %(longest)s) AS text, length(text) AS characters, probability, created_at, arrived_at,
       lang, links[1:%(most)s] AS links, cardinality(links) AS link_count, model_version,
       topic, kafka_partition, kafka_offset
FROM ai_tweets
WHERE {conditions}
ORDER BY {sort} DESC, id, topic, kafka_partition, kafka_offset
LIMIT %(limit)s
"""
_LANGUAGES = """
SELECT lang FROM (SELECT lang FROM ai_tweets ORDER BY arrived_at DESC, id LIMIT 10000) AS latest
WHERE lang IS NOT NULL GROUP BY lang ORDER BY count(*) DESC, lang
"""


@dataclass(frozen=True)
class Filter:
    """Which posts, in which order.

    Attributes:
        threshold: the least probability.
        search: a string that the text must contain, in any case; plain text, no pattern.
    """

    threshold: float = 0.5
    links_only: bool = True
    lang: str | None = None
    search: str = ""
    order: Order = "newest"


@dataclass(frozen=True)
class Page:
    """Posts, and the cursor at which the next page begins; None on the last page."""

    posts: list[dict[str, Any]]
    after: dict[str, Any] | None


def find_posts(
    reader: ReadOnlyConnection, wanted: Filter, *, limit: int = 50, after: dict[str, Any] | None = None
) -> Page:
    """One page of posts, after the cursor ``after``. Every page costs the same, however far down it is."""
    values = {
        "threshold": wanted.threshold,
        "lang": wanted.lang,
        "pattern": f"%{escape_like(wanted.search.strip())}%",
        "limit": limit + 1,
        "most": MOST_LINKS,
        "longest": LONGEST_TEXT,
        **{f"after_{name}": value for name, value in (after or {}).items()},
    }
    sort = _SORT[wanted.order]
    query = sql.SQL(_POSTS).format(conditions=_conditions(wanted, sort, after), sort=sort)
    found = reader.execute(query, values).fetchall()
    more = len(found) > limit
    return Page(found[:limit], _cursor(found[limit - 1], wanted) if more else None)


def languages(reader: ReadOnlyConnection) -> list[str]:
    """Languages among the latest posts, the most frequent first."""
    return [row["lang"] for row in reader.execute(_LANGUAGES)]


def escape_like(text: str) -> str:
    r"""The text as a LIKE pattern that matches only itself; U+0000, which no text holds, is left out.

    >>> escape_like("100%_a\\b")
    '100\\%\\_a\\\\b'
    """
    return re.sub(r"([\\%_])", r"\\\1", text.replace("\x00", ""))


def _conditions(wanted: Filter, sort: sql.Identifier, after: dict[str, Any] | None) -> sql.Composable:
    conditions: list[sql.Composable] = [sql.SQL("probability >= %(threshold)s")]
    if wanted.links_only:
        conditions.append(sql.SQL("cardinality(links) > 0"))
    if wanted.lang:
        conditions.append(sql.SQL("lang = %(lang)s"))
    if wanted.search.strip():
        conditions.append(sql.SQL("text ILIKE %(pattern)s"))
    if after:
        behind = (
            "({0} <= %(after_sort)s AND ({0} < %(after_sort)s OR (id, topic, kafka_partition, kafka_offset)"
            " > (%(after_id)s, %(after_topic)s, %(after_kafka_partition)s, %(after_kafka_offset)s)))"
        )
        conditions.append(sql.SQL(behind).format(sort))
    return sql.SQL(" AND ").join(conditions)


def _cursor(last: dict[str, Any], wanted: Filter) -> dict[str, Any]:
    column = "arrived_at" if wanted.order == "newest" else "probability"
    return {"sort": last[column], **{name: last[name] for name in _TIE}}


def table_rows(posts: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row per post, once even if it came by two topics; only http(s) links are kept."""
    return [_row(post) for post in {post["id"]: post for post in posts}.values()]


def _row(post: dict[str, Any]) -> dict[str, Any]:
    links = [without_direction(link) for link in post["links"] if link.startswith(("https://", "http://"))]
    kept = ("probability", "lang", "created_at", "arrived_at", "model_version")
    return {
        "text": _text(post),
        **{name: post[name] for name in kept},
        "link": links[0] if links else None,
        "domain": domain(links[0]) if links else None,
        "more_links": [*links[1:], *_further(post)],
        "permalink": permalink(post["id"]),
    }


def _text(post: dict[str, Any]) -> str:
    """The text, or its beginning with a word on how much more there is."""
    more = post.get("characters", 0) - len(post["text"])
    return f"{post['text']}… and {more:,} more characters" if more > 0 else post["text"]


def _further(post: dict[str, Any]) -> list[str]:
    """
    >>> _further({"links": ["https://a"], "link_count": 9901}), _further({"links": ["https://a"]})
    (['and 9,900 more'], [])
    """
    more = post.get("link_count", 0) - len(post["links"])
    return [f"and {more:,} more"] if more > 0 else []

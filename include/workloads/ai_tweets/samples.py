"""Posts for the drill: known ones, with tabs, quotes, other scripts and links."""

from __future__ import annotations

import random

import orjson

from include.streaming.samples import Samples

_WORDS = [
    "neural",
    "data\tmodel",
    "pizza",
    "back\\slash",
    "日本",
    "\\N",
    "line\nbreak",
    "\"quoted\" 'words'",
    "{}",
]

_WRONG_LINKS = """
SELECT count(*)
FROM (SELECT link, count(*) AS posts FROM ai_tweets, unnest(links) AS link GROUP BY link) AS counted
FULL JOIN links USING (link) WHERE counted.posts IS DISTINCT FROM links.posts
"""


_ORDINARY_DELAY = """
SELECT percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM classified_at - arrived_at))::float8
FROM ai_tweets WHERE length(text) < 10000 AND arrived_at >= to_timestamp(%s)
"""

LARGE = 99_000
"""Characters: somewhat fewer than a post may have."""


def post(number: int) -> bytes:
    """One post of X's plain form; every third has a link."""
    rng = random.Random(number)
    link = f" https://site{rng.randrange(50)}.example/{rng.randrange(200)}" if number % 3 == 0 else ""
    words = " ".join(rng.choices(_WORDS, k=12))
    return orjson.dumps({"id_str": str(number), "text": f"post {number} {words}{link}"})


def large_post(number: int) -> bytes:
    """A post of 100 KB, without links.

    >>> 98_000 < len(large_post(1)) < 102_000
    True
    """
    words = random.Random(number).choices(["neural", "data", "#AI", "@somebody", "pizza"], k=LARGE // 10)
    return orjson.dumps({"id_str": str(number), "text": " ".join(words).ljust(LARGE, "x")[:LARGE]})


def cut_off(number: int) -> bytes:
    """A post whose end is missing.

    >>> cut_off(7)
    b'{"id_str": "7", "text": "cut o'
    """
    return b'{"id_str": "%d", "text": "cut o' % number


def source_error(text: str) -> bytes:
    """A message by which X reports an error.

    >>> source_error("disk full")
    b'{"errors":[{"title":"disk full"}]}'
    """
    return orjson.dumps({"errors": [{"title": text}]})


def samples() -> Samples:
    """The main job's; ``wrong_links`` are links whose count of posts is not the number of posts."""
    return Samples(
        valid=post,
        malformed=cut_off,
        source_error=source_error,
        large=large_post,
        ordinary_delay=_ORDINARY_DELAY,
        model="include.workloads.ai_tweets.sample_model",
        checks={"wrong_links": _WRONG_LINKS},
    )

"""Which card a classified post belongs to: that of its link, or of its text where the link says nothing.

Computed beside the scores, for likely posts with links alone, so that it costs the others nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from include.posts.text import normalise

LEAST_PROBABILITY = 0.1
"""A post below it makes no card. Models are promoted with thresholds far above."""

LINKS_READ = 100

ENOUGH_TEXT = 20
"""Characters of a normalised text by which two posts are known to share the same thing."""

SHORTENERS = frozenset(
    ("t.co", "bit.ly", "buff.ly", "dlvr.it", "ift.tt", "lnkd.in", "ow.ly", "tinyurl.com", "goo.gl", "is.gd")
)
"""Hosts that hide where a link leads; t.co and others give each post a link of its own."""


class Shared(NamedTuple):
    """What a post shares: the card's name and the text's hash (32 hexadecimal digits each), link, domain."""

    card: str
    twin: str
    link: str
    domain: str | None


def shared(text: str, links: Sequence[str], domains: Sequence[str]) -> Shared:
    """The card of a post with at least one link.

    The first link whose target is known counts: the card is the link's. Where all are shortened, it is the
    text's; a text of a few letters says too little, and the shortened link stands for itself.

    >>> one = shared("Read this paper on attention", ["https://t.co/a"], ["t.co"])
    >>> two = shared("RT @x: read this paper, on Attention!", ["https://t.co/b"], ["t.co"])
    >>> one.card == two.card, one.domain
    (True, None)
    >>> shared("wow", ["https://t.co/a"], ["t.co"]).card == shared("wow", ["https://t.co/b"], ["t.co"]).card
    False
    >>> shared("a", ["https://t.co/a", "https://arxiv.org/abs/1"], ["t.co", "arxiv.org"]).domain
    'arxiv.org'
    """
    plain = normalise(text)
    twin = _digest(plain)
    for link, domain in zip(links[:LINKS_READ], domains, strict=False):
        if domain not in SHORTENERS:
            return Shared(_digest(link), twin, link, domain)
    known = _digest(f"text {plain}" if len(plain) >= ENOUGH_TEXT else links[0])
    return Shared(known, twin, links[0], None)


def cards(columns: Mapping[str, pa.Array]) -> dict[str, pa.Array]:
    """The columns ``card``, ``twin``, ``card_link`` and ``card_domain``; null for posts that make no card."""
    links, domains, texts = columns["links"], columns["domains"], columns["text"]
    likely = pc.greater_equal(columns["probability"].cast(pa.float64()), LEAST_PROBABILITY)
    chosen = pc.fill_null(pc.and_(likely, pc.greater(pc.list_value_length(links), 0)), False)
    rows = pc.indices_nonzero(chosen)
    found = [
        shared(text, of, named)
        for text, of, named in zip(
            texts.take(rows).to_pylist(), links.take(rows).to_pylist(), domains.take(rows).to_pylist(),
            strict=True,
        )
    ]  # fmt: skip
    places = pc.replace_with_mask(
        pa.nulls(len(texts), pa.int64()), chosen, pa.array(range(len(found)), pa.int64())
    )
    names = ("card", "twin", "card_link", "card_domain")
    parts: list[tuple[Any, ...]] = list(zip(*found, strict=True)) if found else [()] * len(names)
    return {name: pa.array(part, pa.string()).take(places) for name, part in zip(names, parts, strict=True)}


def _digest(text: str) -> str:
    """As :func:`include.posts.text.text_hash` makes it of a normalised text."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]

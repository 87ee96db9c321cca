"""From Kafka messages to posts, as columns; see :mod:`include.posts`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Sized
from itertools import chain

import numpy as np
import pyarrow as pa

from include.posts.fast_parse import read_light
from include.posts.links import domain_of_canonical
from include.posts.post import PostError
from include.streaming.decoding import Decoded, decoded, read_each

_TIME = pa.timestamp("us", "UTC")


def decode(values: pa.Array) -> Decoded:
    """Read the values of messages, JSON of any source; what is no post is refused with the parser's reason.

    The inputs are the columns ``id``, ``created_at``, ``lang``, ``text``, ``links``, ``domains`` (those of
    the links, in their order), ``hashtags``, ``author`` and ``repeats``.

    >>> found = decode(pa.array([b'{"id_str": "1", "text": "hello"}', b"{", None]))
    >>> found.inputs.column("text").to_pylist(), found.rows.to_pylist(), found.refused
    (['hello'], [0], {1: 'not JSON', 2: 'empty'})
    """
    rows, posts, refused = read_each(values, read_light, PostError)
    ids, texts, times, languages, links, hashtags, authors, repeats = (
        zip(*posts, strict=True) if posts else ((),) * 8
    )
    flat = list(chain.from_iterable(links))
    columns = {
        "id": pa.array(ids, pa.string()),
        "created_at": pa.array(times, pa.int64()).view(_TIME),
        "lang": pa.array(languages, pa.string()),
        "text": pa.array(texts, pa.string()),
        "links": _lists(links, flat),
        "domains": _lists(links, map(domain_of_canonical, flat)),
        "hashtags": _lists(hashtags, chain.from_iterable(hashtags)),
        "author": pa.array(authors, pa.string()),
        "repeats": pa.array(repeats, pa.string()),
    }
    return decoded(rows, columns, refused)


def _lists(lengths: Sequence[Sized], values: Iterable[str]) -> pa.Array:
    """Lists as long as the given ones. Arrow takes three times as long over tuples of tuples."""
    ends = np.cumsum(np.fromiter(map(len, lengths), np.int32, len(lengths)), dtype=np.int32)
    return pa.ListArray.from_arrays(np.append(np.int32(0), ends), pa.array(list(values), pa.string()))

"""The quick reading gives what the whole parser gives: on real posts, made-up ones, and broken ones."""

from __future__ import annotations

import copy
import gzip
import itertools
import random
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.posts import fast_parse
from include.posts.fast_parse import light_of, read_light, read_plain
from include.posts.links import domain, domain_of_canonical
from include.posts.parse import MAX_BYTES, parse_post
from include.posts.post import PostError
from include.posts.values.times import iso_microseconds, iso_time, microseconds, v1_microseconds, x_v1_time
from include.settings import Settings
from include.sources.synthetic.source import SyntheticSource

WEIRD: tuple[Any, ...] = (
    None, True, False, 0, 7, -1.5, "", " ", "\t\n", "x", [], {}, [None], [{}], [[]], {"url": "x"}, "a\x00b",
    "\u2003", "#a #A ＃b", "https://t.co/abcdefghij", "see https://t.co/abcdefghijNext https://b.example/c?d=1.",
    "http://A.example//x/?utm_source=1&b=2#f", "https://twitter.com/i/status/1",
    "https://t.co/cut…", "&lt;&amp;",
    "https://a-.example/b", "https://a.example/?", "https://www.bsky.app/profile/x", "9" * 300, "y" * 100_001,
    [{"text": "T", "tag": "T"}, {"text": "t", "tag": "t"}], [{"text": " ", "tag": " "}],
    [{"url": "https://t.co/abcdefghij", "expanded_url": "https://c.example/d/"}],
    [{"url": "https://t.co/abcdefghij", "expanded_url": "https://c.example", "unwound": {"url": "http://e.example/f"}}],
    [{"media_url_https": "https://pbs.twimg.com/a.jpg"}], {"urls": [], "hashtags": []},
    [{"type": "retweeted", "id": "1"}], [{"type": "quoted", "id": "1"}], [{"id": "1", "text": "told"}],
    {"id_str": "5", "text": "told https://t.co/abcdefghij", "entities": {"urls": [], "hashtags": []}},
    "2020-02-30T00:00:00Z", "2020-03-01T24:00:00Z", "Sun Feb 30 10:46:44 +0000 2020",
)  # fmt: skip
NAMES = (
    "id", "id_str", "text", "full_text", "created_at", "lang", "entities", "extended_entities",
    "extended_tweet",
    "retweeted_status", "quoted_status", "data", "includes", "errors", "did", "uri", "referenced_tweets",
    "note_tweet", "attachments", "urls", "hashtags", "media", "url", "expanded_url", "unwound_url", "tag",
)  # fmt: skip


def answer(read: Any, raw: bytes) -> Any:
    try:
        return read(raw)
    except PostError as problem:
        return problem.reason


def check(raw: bytes) -> None:
    """Both ways give the same; so does the quick way to a link's domain."""
    found = answer(read_light, raw)
    assert found == answer(lambda raw: light_of(parse_post(raw)), raw), raw[:3000]
    if isinstance(found, fast_parse.Light):
        assert all(domain_of_canonical(link) == domain(link) for link in found.links), found.links


def places(value: Any) -> list[Any]:
    """Every object and list within, itself among them."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    found = [value] if isinstance(value, (dict, list)) and value else []
    return found + [place for item in inner for place in places(item)]


def broken(payload: Any, choose: random.Random) -> bytes:
    """The payload with one to three things in it replaced, added or taken away."""
    payload = copy.deepcopy(payload)
    for _ in range(choose.randint(1, 3)):
        place = choose.choice(places(payload))
        if isinstance(place, list):
            place[choose.randrange(len(place))] = copy.deepcopy(choose.choice(WEIRD))
        elif choose.random() < 0.2:
            place.pop(choose.choice(list(place)))
        else:
            name = choose.choice(NAMES if choose.random() < 0.4 else list(place))
            place[name] = copy.deepcopy(choose.choice(WEIRD))
        if not payload:
            break
    return orjson.dumps(payload)


@pytest.fixture(scope="module")
def synthetic() -> list[bytes]:
    posts = SyntheticSource(Settings(_env_file=None), posts=4_000, seed=3).posts()
    return [post.value for post in itertools.islice(posts, 2_000)]


def test_made_up_posts_read_alike_and_nearly_all_the_quick_way(synthetic: list[bytes]) -> None:
    for raw in synthetic:
        check(raw)
    assert sum(read_plain(raw) is not None for raw in synthetic) > 0.98 * len(synthetic)


def test_broken_posts_read_alike(synthetic: list[bytes]) -> None:
    choose = random.Random(1)
    payloads = [orjson.loads(raw) for raw in synthetic[:500]]
    for _ in range(8_000):
        check(broken(choose.choice(payloads), choose))


def test_real_posts_read_alike_whole_and_broken(real_data: Path) -> None:
    choose = random.Random(2)
    with gzip.open(real_data / "tweets" / "stream_v1.1.jsonl.gz") as lines:
        real = list(lines)
    for raw in real:
        check(raw)
    assert sum(read_plain(raw) is not None for raw in real) > 0.7 * len(real)
    for _ in range(4_000):
        check(broken(orjson.loads(choose.choice(real)), choose))


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"[]",
        b"\xff",
        b"",
        b'{"id_str": "1", "text": "a\\u0000b", "entities": {}}',
        b'{"id_str": 5, "text": "x"}',
        b'{"id_str": "1", "text": "x", "entities": {}, "user": "\xff"}',
        b'{"id_str": "1", "text": "x", "entities": {}, "\xff": 1}',
        b'{"id_str": "1", "text": "x\xed\xa0\x80", "entities": {}}',
        b'{"id_str": "1", "text": "x\\ud800", "entities": {}}',
        b'{"id_str": "1", "text": "x", "entities": {}, "user": "\\udc00"}',
        b'{"id_str": "1", "text": "x", "entities": {}, "user": "a\nb"}',
        b'{"id_str": "1", "text": "x", "entities": {}, "user": NaN}',
        b'{"id_str": "1", "text": "x", "entities": {}, "user": 1e999}',
        b'{"id_str": "1", "text": "x", "entities": {}, "user": 01}',
        b'{"id_str": "1", "text": "x", "entities": {}} ,',
        b'{"id_str": "1", "text": "x", "text": "y", "entities": {}}',
        b'{"id_str": "1", "text": "x", "entities": {}, "lang": "e\\u0000n"}',
        b'{"id_str": "1", "text": "x", "entities": {"hashtags": [{"text": "a\\u0000b"}]}}',
        b'{"id_str": "1", "text": "x", "entities": {}, "data": null}',
        b'{"id_str": "1", "text": "x", "entities": {}, "errors": null}',
        b'{"id_str": "1", "text": "x", "entities": {}, "status": 500}',
        b'{"id_str": "1", "text": "x", "entities": {}, "user": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"data": {"id": "1", "text": "x"}, "errors": [{"title": "t"}]}',
        b'{"data": {"id": "1", "text": "x"}, "padding": "' + b"x" * MAX_BYTES + b'"}',
        b"\xef\xbb\xbf" + b'{"data": {"id": "1", "text": "x"}}',
    ],
)
def test_what_is_no_plain_post_reads_alike(raw: bytes) -> None:
    check(raw)


def test_times_read_alike() -> None:
    choose = random.Random(4)
    for form in ("2020-04-05T10:46:44.000Z", "2020-04-05T10:46:44Z", "Sun Apr 05 10:46:44 +0000 2020"):
        for _ in range(5_000):
            letters = list(form)
            for _ in range(choose.randint(0, 2)):
                letters[choose.randrange(len(letters))] = choose.choice("0123456789 :-+TZz.٣")
            value = "".join(letters)
            assert iso_microseconds(value) == microseconds(iso_time(value)), value
            assert v1_microseconds(value) == microseconds(x_v1_time(value)), value


PIECES = (
    "https://t.co/abcdefghij", "https://t.co/abcdefghiJ", "http://a.example", "https://пример.рф/я", "/#!b",
    "#/c?utm_source=d", "?si=1&e=2", ":8080", "”", "」", "。", "\u200b", "\u200d", "🔥", "…", ")", "(", "'",
    " ", "#AI", "＃ＡＩ", "#हिन्दी", "#cafe\u0301", "#1", "@user", "&amp;", "&lt;", "\u0301", "ａ",
)  # fmt: skip
IN_TEXT = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=8).map("".join)


@settings(max_examples=200)
@given(
    text=IN_TEXT,
    links=st.lists(
        st.tuples(st.sampled_from(["https://t.co/abcdefghij", "https://t.co/abcdefghiJ"]), IN_TEXT),
        max_size=3,
    ),
    tags=st.lists(IN_TEXT, max_size=3),
    second=st.booleans(),
)
def test_both_ways_find_the_same_links_and_hashtags(
    text: str, links: list[tuple[str, str]], tags: list[str], second: bool
) -> None:
    urls = [{"url": short, "expanded_url": f"http://a.example/{target}"} for short, target in links]
    name, mark = ("tag", "id") if second else ("text", "id_str")
    post = {
        mark: "7",
        "text": text,
        "entities": {"urls": urls, "hashtags": [{name: tag} for tag in tags]},
    }
    check(orjson.dumps({"data": post} if second else post))


VALUES = st.recursive(
    st.sampled_from(WEIRD) | st.text(max_size=60),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=20,
)
POSTS = st.fixed_dictionaries(
    {"id_str": st.sampled_from(["7", "x", 7, None]), "text": st.text(max_size=200)},
    optional={name: VALUES for name in NAMES if name not in ("id_str", "text")},
)


@settings(max_examples=200)
@given(payload=POSTS | VALUES, cut=st.none() | st.integers(1, 40))
def test_both_ways_give_the_same_for_any_payload(payload: Any, cut: int | None) -> None:
    raw = orjson.dumps(payload)
    check(raw if cut is None else raw[:-cut])

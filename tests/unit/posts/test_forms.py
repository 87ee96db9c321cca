"""Each source form: text, links, media, hashtags and times found wherever a payload has them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from include.posts.fast_parse import light_of, read_light
from include.posts.parse import parse_post
from include.posts.post import PostError

TIME = "Sun Apr 05 10:46:44 +0000 2020"


def url(short: str, expanded: str) -> dict:
    return {"url": f"https://t.co/{short}", "expanded_url": expanded}


def v1(**more) -> bytes:
    base = {
        "id_str": "1",
        "created_at": TIME,
        "text": "hi",
        "entities": {"urls": [], "hashtags": []},
        "lang": "en",
    }
    return json.dumps(base | more).encode()


def test_v1_extended_tweet_has_the_whole_text_and_its_links() -> None:
    post = parse_post(
        v1(
            text="Cut… https://t.co/self000000",
            source='<a href="https://a.example" rel="nofollow">Widget &lt;3</a>',
            entities={"urls": [url("self000000", "https://twitter.com/i/web/status/1")]},
            extended_tweet={
                "full_text": "Whole &amp; long https://t.co/aaaaaaaaaa https://t.co/media00000",
                "entities": {
                    "urls": [url("aaaaaaaaaa", "https://A.example/x/?utm_source=t")],
                    "hashtags": [{"text": "AI"}, {"text": "ai"}],
                    "media": [{"media_url_https": "https://pbs.twimg.com/a.jpg"}],
                },
            },
        )
    )
    assert post.text.startswith("Whole & long")
    assert post.links == ("https://a.example/x",)
    assert post.media == ("https://pbs.twimg.com/a.jpg",)
    assert post.hashtags == ("AI",)
    assert post.created_at == datetime(2020, 4, 5, 10, 46, 44, tzinfo=UTC)
    assert (post.source_kind, post.is_retweet, post.lang) == ("x_v1", False, "en")


def test_v1_retweet_is_the_retweeted_post_with_all_its_links() -> None:
    quoted = {"id_str": "3", "text": "q https://t.co/qqqqqqqqqq"}
    retweeted = {
        "id_str": "2",
        "text": "Origin… https://t.co/self000000",
        "entities": {"urls": [url("self000000", "https://twitter.com/i/web/status/2")]},
        "extended_tweet": {
            "full_text": "Original whole https://t.co/bbbbbbbbbb",
            "entities": {"urls": [url("bbbbbbbbbb", "https://b.example/1")]},
        },
        "quoted_status": quoted,
    }
    post = parse_post(v1(text="RT @user: Origin… https://t.co/bb…", retweeted_status=retweeted))
    assert post.text == "Original whole https://t.co/bbbbbbbbbb"
    assert post.is_retweet
    assert post.id == "1"
    assert post.links == ("https://b.example/1", "https://t.co/qqqqqqqqqq")


def test_v1_short_links_stay_where_nothing_expanded_is_known() -> None:
    assert parse_post(v1(text="see https://t.co/abcdefghij")).links == ("https://t.co/abcdefghij",)
    media = {"entities": {"media": [{"media_url_https": "https://pbs.twimg.com/a.jpg"}]}}
    assert parse_post(v1(text="see https://t.co/abcdefghij", **media)).links == ()


def test_v1_unwound_link_wins() -> None:
    entities = {
        "urls": [url("aaaaaaaaaa", "https://bit.ly/1") | {"unwound": {"url": "https://a.example/whole"}}]
    }
    assert parse_post(v1(text="https://t.co/aaaaaaaaaa", entities=entities)).links == (
        "https://a.example/whole",
    )


def test_v2_note_referenced_posts_and_media() -> None:
    payload = {
        "data": {
            "id": "10",
            "text": "Short… https://t.co/aaaaaaaaaa",
            "created_at": "2026-01-02T03:04:05.678Z",
            "note_tweet": {
                "text": "The whole note https://t.co/aaaaaaaaaa",
                "entities": {
                    "urls": [url("aaaaaaaaaa", "https://bit.ly/x") | {"unwound_url": "https://a.example/p"}],
                    "hashtags": [{"tag": "NLP"}],
                },
            },
            "attachments": {"media_keys": ["3_1"]},
            "referenced_tweets": [{"type": "quoted", "id": "11"}, {"type": "replied_to", "id": "12"}],
        },
        "includes": {
            "tweets": [
                {"id": "11", "text": "q", "entities": {"urls": [url("qqqqqqqqqq", "https://q.example/")]}},
                {"id": "12", "text": "r https://t.co/rrrrrrrrrr"},
            ],
            "media": [
                {"media_key": "3_1", "url": "https://pbs.twimg.com/m.jpg"},
                {"media_key": "3_2", "url": "u"},
            ],
        },
        "matching_rules": [{"id": "1", "tag": "ai:1"}],
    }
    post = parse_post(json.dumps(payload))
    assert post.text == "The whole note https://t.co/aaaaaaaaaa"
    assert post.links == ("https://a.example/p", "https://q.example/")
    assert post.media == ("https://pbs.twimg.com/m.jpg",)
    assert post.hashtags == ("NLP",)
    assert post.created_at == datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
    assert post.source_kind == "x_v2"


def test_v2_retweet_has_the_text_of_the_included_post() -> None:
    data = {"id": "1", "text": "RT @user: cut…", "referenced_tweets": [{"type": "retweeted", "id": "2"}]}
    included = {"id": "2", "text": "x", "note_tweet": {"text": "the whole https://t.co/abcdefghij"}}
    post = parse_post(json.dumps({"data": data, "includes": {"tweets": [included]}}))
    assert (post.id, post.text, post.is_retweet) == ("1", "the whole https://t.co/abcdefghij", True)
    assert post.links == ("https://t.co/abcdefghij",)
    alone = parse_post(json.dumps({"data": data}))
    assert (alone.text, alone.is_retweet) == ("RT @user: cut…", True)


def test_v2_bare_object_and_lookup_row() -> None:
    post = parse_post(b'{"id": "1", "text": "hi", "edit_history_tweet_ids": ["1"]}')
    assert post.source_kind == "x_v2"


def jetstream(record: dict, **commit) -> bytes:
    commit = {
        "operation": "create",
        "collection": "app.bsky.feed.post",
        "rkey": "3k",
        "record": record,
    } | commit
    return json.dumps(
        {"did": "did:plc:a", "time_us": 1586083604000000, "kind": "commit", "commit": commit}
    ).encode()


def test_bluesky_facets_embeds_and_tags() -> None:
    record = {
        "text": "Read a.example/p… #AI",
        "createdAt": "2030-01-01T00:00:00Z",
        "langs": ["en"],
        "facets": [
            {"features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://a.example/paper"}]},
            {"features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "AI"}]},
        ],
        "embed": {
            "$type": "app.bsky.embed.recordWithMedia",
            "media": {
                "external": {"uri": "https://b.example/card"},
                "images": [{"image": {"ref": {"$link": "bafy"}}}],
            },
        },
        "tags": ["NLP"],
    }
    post = parse_post(jetstream(record))
    assert post.id == "at://did:plc:a/app.bsky.feed.post/3k"
    assert post.links == ("https://a.example/paper", "https://b.example/card")
    assert post.media == ("bafy",)
    assert post.hashtags == ("AI", "NLP")
    assert post.lang == "en"
    assert post.created_at == datetime(2020, 4, 5, 10, 46, 44, tzinfo=UTC), (
        "the server's time, not the client's"
    )


@pytest.mark.parametrize(
    "event",
    [
        jetstream({}, operation="delete"),
        jetstream({"subject": 1}, collection="app.bsky.feed.like"),
        b'{"did": "did:plc:a", "time_us": 1, "kind": "account", "account": {"active": false}}',
    ],
)
def test_bluesky_events_that_are_no_posts(event: bytes) -> None:
    with pytest.raises(PostError):
        parse_post(event)


def test_plain_row() -> None:
    post = parse_post(
        '{"id_str": "t1", "text": "RT @user: AI &amp; #NLP https://t.co/abcdefghij https://t.co/ab…"}'
    )
    assert (post.id, post.source_kind, post.is_retweet) == ("t1", "plain", True)
    assert post.text.startswith("RT @user: AI &amp;"), "an upload's text is left as it is"
    assert post.links == ("https://t.co/abcdefghij",)
    assert post.hashtags == ("NLP",)
    assert post.created_at is None


def test_numeric_ids() -> None:
    assert parse_post('{"id": 1246751119155449856, "text": "a"}').id == "1246751119155449856"
    assert parse_post('{"id": 5, "text": "a", "entities": {}}').source_kind == "x_v1"


def test_v2_flattened_by_twarc2_has_what_it_refers_to_within() -> None:
    """``twarc2 flatten`` puts ``includes`` where they are referred to."""
    entities = {"urls": [url("bbbbbbbbbb", "https://b.example/1")], "hashtags": [{"tag": "AI"}]}
    quoted = {
        "type": "quoted",
        "id": "12",
        "text": "q",
        "entities": {"urls": [url("c" * 10, "https://c.example/2")]},
    }
    whole = {
        "type": "retweeted", "id": "11", "text": "Whole https://t.co/bbbbbbbbbb", "entities": entities,
        "attachments": {"media_keys": ["3_1"], "media": [{"media_key": "3_1", "url": "https://pbs.twimg.com/m.jpg"}]},
        "referenced_tweets": [quoted],
    }  # fmt: skip
    flat = {
        "id": "10",
        "text": "RT @user: Whol…",
        "edit_history_tweet_ids": ["10"],
        "referenced_tweets": [whole],
    }
    for payload in (flat, {"data": flat}, flat | {"id": 10}):
        post = parse_post(json.dumps(payload))
        assert (post.id, post.text, post.is_retweet) == ("10", "Whole https://t.co/bbbbbbbbbb", True)
        assert post.links == ("https://b.example/1", "https://c.example/2")
        assert (post.hashtags, post.media) == (("AI",), ("https://pbs.twimg.com/m.jpg",))
        assert read_light(json.dumps(payload).encode()) == light_of(post)
    note = flat | {
        "referenced_tweets": [{"type": "retweeted", "id": "11", "note_tweet": {"text": "The note"}}]
    }
    assert parse_post(json.dumps(note)).text == "The note"
    without = flat | {"referenced_tweets": [{"type": "retweeted", "id": "11"}]}
    assert parse_post(json.dumps(without)).text == "RT @user: Whol…"
    beside = {"data": flat, "includes": {"tweets": [{"id": "11", "text": "beside"}]}}
    assert parse_post(json.dumps(beside)).text == "beside"

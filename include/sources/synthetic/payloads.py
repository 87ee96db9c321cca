"""From a sentence to a post: typos, links, and the payload of an API."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_WORD = re.compile(r"(?<![#@\w])[a-z]{4,}")
_SLUG = re.compile(r"[a-z0-9]+")
_KEYS = {"a": "s", "e": "r", "i": "o", "n": "m", "o": "p", "r": "t", "s": "d", "t": "y"}
_CODE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_SITES = (
    *(
        "dailyledger",
        "news.northwind",
        "thirdshift",
        "brightleaf",
        "kestrelworks",
        "pixelhaus",
        "quietgarden",
    ),
    *("longread", "openbench", "labnotes", "jobs.copperline", "learn.orchardnine", "papers.tessel"),
    *("shop.saltbox", "blog.halcyon", "marginalia", "citydesk"),
)
_CLIENTS = (
    "Web App",
    "for Android",
    "for iPhone",
    "for iPad",
    "Scheduler",
    "NewsFeed Bot",
    "Deck",
    "Buffered",
)


@dataclass(frozen=True)
class Draft:
    """A post before it is an API's payload: its text has short links, ``links`` their targets."""

    id: str
    text: str
    lang: str
    created_at: datetime
    client: str
    links: dict[str, str]
    tags: tuple[str, ...]


def with_typos(text: str, rng: random.Random, probability: float) -> str:
    """The text, in some words of which a letter is doubled, dropped, swapped or mistyped."""

    def slip(match: re.Match[str]) -> str:
        word = match.group()
        if rng.random() >= probability:
            return word
        at = rng.randrange(1, len(word) - 1)
        return word[:at] + rng.choice(
            [
                word[at + 1] + word[at] + word[at + 2 :],
                word[at + 1 :],
                word[at] + word[at:],
                _KEYS.get(word[at], "") + word[at + 1 :],
            ]
        )

    return _WORD.sub(slip, text)


def short_link(rng: random.Random) -> str:
    return "https://t.co/" + "".join(rng.choices(_CODE, k=10))


def long_link(text: str, rng: random.Random) -> str:
    """An invented URL whose path comes from the text."""
    words = [word for word in _SLUG.findall(text.lower()) if len(word) > 3][:6]
    extra = rng.choice(["", "", "", "?utm_source=post", f"?id={rng.randrange(10_000)}", "/"])
    return f"https://{rng.choice(_SITES)}.example/{'-'.join(words) or 'p'}-{rng.randrange(100_000)}{extra}"


def client(rng: random.Random) -> str:
    return f"Chirper {rng.choice(_CLIENTS)}"


def v1_payload(draft: Draft, retweeted: Draft | None = None) -> dict[str, Any]:
    """The draft as X API v1.1 sends it, long texts in ``extended_tweet``."""
    whole = f"RT @user: {draft.text}" if retweeted else draft.text
    shown = whole if len(whole) <= 140 else whole[:139].rsplit(" ", 1)[0] + "…"
    entities = {
        "urls": [{"url": url, "expanded_url": target} for url, target in draft.links.items()],
        "hashtags": [{"text": tag} for tag in draft.tags],
    }
    payload: dict[str, Any] = {
        "id_str": draft.id,
        "created_at": draft.created_at.strftime("%a %b %d %H:%M:%S +0000 %Y"),
        "source": f'<a href="https://chirper.example" rel="nofollow">{draft.client}</a>',
        "lang": draft.lang,
        "text": shown,
        "truncated": shown != whole,
    }
    if retweeted:
        return payload | {"entities": {"urls": [], "hashtags": []}, "retweeted_status": v1_payload(retweeted)}
    if shown == whole:
        return payload | {"entities": entities}
    return payload | {
        "entities": {"urls": [], "hashtags": []},
        "extended_tweet": {"full_text": whole, "entities": entities},
    }


def v2_payload(draft: Draft, retweeted: Draft | None = None) -> dict[str, Any]:
    """The draft as X API v2's filtered stream sends it, without ``matching_rules``."""
    data = _v2_data(draft)
    if retweeted is None:
        return {"data": data}
    data["text"] = f"RT @user: {draft.text}"[:140]
    data["referenced_tweets"] = [{"type": "retweeted", "id": retweeted.id}]
    data.pop("entities", None)
    return {"data": data, "includes": {"tweets": [_v2_data(retweeted)]}}


def _v2_data(draft: Draft) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": draft.id,
        "text": draft.text,
        "created_at": draft.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "lang": draft.lang,
        "source": draft.client,
        "edit_history_tweet_ids": [draft.id],
    }
    entities: dict[str, Any] = {}
    if draft.links:
        entities["urls"] = [{"url": url, "expanded_url": target} for url, target in draft.links.items()]
    if draft.tags:
        entities["hashtags"] = [{"tag": tag} for tag in draft.tags]
    return data | ({"entities": entities} if entities else {})

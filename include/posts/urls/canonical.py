"""Which URLs lead out of the network that a post is from, and one canonical form for each."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

from include.posts.urls.hosts import ascii_host, is_public_name
from include.posts.urls.percent import normalised, without_dots
from include.posts.urls.tracking import HOSTS_WITH_PATHS, TrackingRule, rule_of, untracked

MAX_LINK_BYTES = 2_000
"""A B-tree key of Postgres takes 2,704 bytes; ``links.link`` is one."""

_X = re.compile(r"(?:(?:www|mobile|m)\.)?(?:twitter|x)\.com")
_X_SELF = re.compile(r"/(?:i|[^/]+/status(?:es)?|statuses|hashtag|search|home|intent|share)(?:/|$)")
_MEDIA_HOST = re.compile(
    r"pic\.(?:twitter|x)\.com|[a-z0-9-]+\.twimg\.com|(?:cdn|video)\.bsky\.(?:app|social)"
)
_BLUESKY = re.compile(r"(?:(?:www|staging)\.)?bsky\.app")
# Marks of something that is no URL at all, or that means another one to a browser (``\\`` is ``/``).
_UNSAFE = re.compile('[\\s\x00-\x1f\x7f\ud800-\udfff<>"\\\\]')

_is_garbled = re.compile(r".*\](?!:\d*$).+", re.DOTALL).match  # the library skips what follows an address
_OTHER_PAGES = "|".join(sorted(map(re.escape, HOSTS_WITH_PATHS)))
_is_canonical = re.compile(
    rf"https?://(?!(?:[a-z0-9-]+\.)*(?:(?:twitter|x|twimg)\.com/|bsky\.|(?:{_OTHER_PAGES})\.|xn--))(?=[^/]{{4,60}}/)"
    r"(?:[a-z0-9]+(?:-+[a-z0-9]+)*\.)+[a-z]{2,63}/[A-Za-z0-9._~+,@/-]*[A-Za-z0-9._~+,@-]"
).fullmatch
_is_plain_query = re.compile(r"[A-Za-z0-9._~+,@/=&-]*").fullmatch
"""Recognise most links that are in canonical form already, at a quarter of the cost of parsing them."""


@lru_cache(maxsize=65_536)
def canonical_link(url: str) -> str | None:
    """The canonical form of a link, or None if it is no external link.

    Scheme and host in lower case (international names in ASCII), no default port, user, tracking or trailing
    slash, one spelling of encoded characters; other parameters stay in order. A fragment goes unless it is a
    page's route (``#!...``, ``#/...``). None for posts and media of X and Bluesky themselves, for anything
    but http(s), and beyond MAX_LINK_BYTES.

    >>> canonical_link("HTTPS://Example.COM:443/a/?utm_source=x&b=2&a=1#top")
    'https://example.com/a?b=2&a=1'
    >>> canonical_link("https://app.example/#/paper/1?fbclid=x")
    'https://app.example/#/paper/1'
    >>> canonical_link("https://twitter.com/someone/status/1") is None
    True
    """
    base, _, query = url.partition("?")
    if (
        len(url) < 500
        and _is_canonical(base := base.rstrip("/"))
        and "/." not in base
        and _is_plain_query(query)
    ):
        return base + _queried(untracked(rule_of(base.split("/", 3)[2]), query)) if query else base
    return parsed_link(url)


def parsed_link(url: str) -> str | None:
    """The same without a short way for links that are in canonical form already."""
    url = url.strip()
    if len(url) > MAX_LINK_BYTES or _UNSAFE.search(url):
        return None
    try:
        parts = urlsplit(url)
        host, port = ascii_host(parts.hostname or ""), parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not is_public_name(host) or _is_garbled(parts.netloc):
        return None
    path = without_dots(normalised(parts.path)).rstrip("/")
    if _is_self(host, path) or (host == "t.co" and not path):
        return None
    rule, site = rule_of(host), f"[{host}]" if ":" in host else host
    if port is not None and port != (443 if parts.scheme == "https" else 80):
        site = f"{site}:{port}"
    query = _queried(untracked(rule, normalised(parts.query)))
    link = f"{parts.scheme}://{site}{rule.page(path) or '/'}{query}{_route(parts.fragment, rule)}"
    return link if len(link.encode()) <= MAX_LINK_BYTES else None


def domain(url: str) -> str:
    """The host of a link without ``www.``; empty where there is none.

    >>> domain("https://www.Example.com/a")
    'example.com'
    """
    try:
        return ascii_host(urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def domain_of_canonical(link: str) -> str:
    """The same for a link in canonical form, faster.

    >>> domain_of_canonical("https://www.example.com:8080/a"), domain_of_canonical("http://[::1]:80/")
    ('example.com', '::1')
    """
    host = link.split("/", 3)[2]
    return host[1 : host.index("]")] if host[0] == "[" else host.partition(":")[0].removeprefix("www.")


def _queried(query: str) -> str:
    return f"?{query}" if query else ""


def _route(fragment: str, rule: TrackingRule) -> str:
    """A fragment that names the page, as single-page applications have it; its own query is cleaned, too."""
    if not fragment.startswith(("!", "/")):
        return ""
    route, _, query = normalised(fragment).partition("?")
    route = route.rstrip("/")
    return f"#{route}{_queried(untracked(rule, query))}" if route not in ("", "!") else ""


def _is_self(host: str, path: str) -> bool:
    if _MEDIA_HOST.fullmatch(host):
        return True
    if _X.fullmatch(host):
        return path in ("", "/") or bool(_X_SELF.match(path))
    return bool(_BLUESKY.fullmatch(host)) and (path in ("", "/") or path.startswith("/profile/"))

"""Links: which URLs of a post lead out of its network, and one canonical form for each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from urllib.parse import urlsplit

import idna

MAX_LINK_BYTES = 2_000
"""A B-tree key of Postgres takes 2,704 bytes; ``links.link`` is one."""

_TRACKING = re.compile(
    r"utm_\w*|fbclid|gclid|gclsrc|dclid|msclkid|yclid|twclid|igshid|igsh|mc_cid|mc_eid|_hsenc|_hsmi|mkt_tok"
    r"|ref_src|ref_url|vero_id|oly_enc_id|oly_anon_id|wickedid|s_cid|ncid|cmpid|spm|__twitter_impression",
    re.IGNORECASE,
)
"""Query parameters that identify who shared a link, not its content (the lists of ClearURLs and Firefox)."""

_X = re.compile(r"(?:(?:www|mobile|m)\.)?(?:twitter|x)\.com")
_X_SELF = re.compile(r"/(?:i|[^/]+/status(?:es)?|statuses|hashtag|search|home|intent|share)(?:/|$)")
_MEDIA_HOST = re.compile(
    r"pic\.(?:twitter|x)\.com|[a-z0-9-]+\.twimg\.com|(?:cdn|video)\.bsky\.(?:app|social)"
)
_BLUESKY = re.compile(r"(?:(?:www|staging)\.)?bsky\.app")
_HOST = re.compile(
    r"(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})"
    r"|(?:\d{1,3}\.){3}\d{1,3}"
)
_UNSAFE = re.compile('[\\s\x00-\x1f\x7f\ud800-\udfff<>"\\\\^`{|}]')

# A t.co code has ten characters; what directly follows them is text again (exports drop newlines).
# With fewer and an ellipsis it is the rest of a truncated text and leads nowhere.
URL = re.compile(
    r"https?://t\.co/(?:[A-Za-z0-9]{10}|[A-Za-z0-9]{1,9}(?![A-Za-z0-9…]|\.\.\.))(?!…|\.\.\.$)"
    r"|https?://(?!t\.co(?![\w.-]))[^\s<>\"…，。、）」』]++(?!…)",
    re.IGNORECASE,
)
_TRAILING = ".,;:!?'*_~&"

_is_canonical = re.compile(
    r"https?://(?!(?:[a-z0-9-]+\.)*(?:(?:twitter|x|twimg)\.com/|bsky\.))(?=[^/]{4,60}/)"
    r"(?:[a-z0-9]+(?:-+[a-z0-9]+)*\.)+[a-z]{2,63}/[A-Za-z0-9._~%+,@/-]*[A-Za-z0-9._~%+,@-]"
).fullmatch
_is_plain_query = re.compile(r"[A-Za-z0-9._~%+,@/=&-]*").fullmatch
"""Recognise most links that are in canonical form already, at a quarter of the cost of parsing them."""


@lru_cache(maxsize=65_536)
def canonical_link(url: str) -> str | None:
    """The canonical form of a link, or None if it is no external link.

    Scheme and host in lower case (international names in ASCII), no default port, user, fragment,
    tracking parameters or trailing slash; other parameters stay in order. None for posts and media
    of X and Bluesky themselves, for anything but http(s), and beyond MAX_LINK_BYTES.

    >>> canonical_link("HTTPS://Example.COM:443/a/?utm_source=x&b=2&a=1#top")
    'https://example.com/a?b=2&a=1'
    >>> canonical_link("https://twitter.com/someone/status/1") is None
    True
    """
    base, _, query = url.partition("?")
    if len(url) < 500 and _is_canonical(base := base.rstrip("/")) and _is_plain_query(query):
        return base + _query(query)
    url = url.strip()
    if len(url) > MAX_LINK_BYTES or _UNSAFE.search(url):
        return None
    try:
        parts = urlsplit(url)
        host, port = _ascii_host(parts.hostname or ""), parts.port
    except ValueError:
        return None
    scheme = parts.scheme
    if scheme not in ("http", "https") or not _HOST.fullmatch(host) or _is_self(host, parts.path):
        return None
    if host == "t.co" and len(parts.path) < 2:
        return None
    if port and port != (443 if scheme == "https" else 80):
        host = f"{host}:{port}"
    link = f"{scheme}://{host}{parts.path.rstrip('/') or '/'}{_query(parts.query)}"
    return link if len(link.encode()) <= MAX_LINK_BYTES else None


def domain(url: str) -> str:
    """The host of a link without ``www.``; empty where there is none.

    >>> domain("https://www.Example.com/a")
    'example.com'
    """
    try:
        return _ascii_host(urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def domain_of_canonical(link: str) -> str:
    """The same for a link in canonical form, faster.

    >>> domain_of_canonical("https://www.example.com:8080/a")
    'example.com'
    """
    return link.split("/", 3)[2].partition(":")[0].removeprefix("www.")


def urls_in(text: str) -> list[str]:
    """The URLs in a text, without punctuation at their end and without truncated ones.

    >>> urls_in("see https://t.co/abcdefghijNext (http://a.example/b). cut https://t.co/abc…")
    ['https://t.co/abcdefghij', 'http://a.example/b']
    """
    return [_trim(match.group()) for match in URL.finditer(text)] if "://" in text else []


def external(urls: Iterable[str]) -> tuple[str, ...]:
    """The canonical external links among the URLs, each once, in order."""
    found: dict[str, None] = {}
    for url in urls:
        if link := canonical_link(url):
            found[link] = None
    return tuple(found)


def resolve(text: str, expanded: Mapping[str, str], *, keep_short: bool) -> list[str]:
    """All URLs of one post: the listed ones in expanded form, then those that are only in its text.

    ``expanded`` maps a short URL to what it stands for. A short URL that is not listed is dropped
    with ``keep_short=False``: beside attached media it is the media's own.
    """
    urls = list(expanded.values())
    for url in urls_in(text):
        if url not in expanded and (keep_short or not _is_short(url)):
            urls.append(url)
    return urls


def _is_short(url: str) -> bool:
    return url.lower().startswith(("https://t.co/", "http://t.co/"))


def _ascii_host(host: str) -> str:
    """A host name as browsers send it, in ASCII and lower case.

    International names are mapped by UTS #46, non-transitionally, and each label then by Punycode. The checks
    of IDNA 2008 itself are left out, as in browsers (WHATWG URL standard): they refuse the symbols of domains
    that exist, such as ``i❤.ws``.

    Raises:
        ValueError: a character that no host name may contain.
    """
    host = host.lower().rstrip(".")
    if host.isascii():
        return host
    labels = idna.uts46_remap(host, std3_rules=False).split(".")
    return ".".join(
        label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}" for label in labels
    )


def _is_self(host: str, path: str) -> bool:
    if _MEDIA_HOST.fullmatch(host):
        return True
    if _X.fullmatch(host):
        return path in ("", "/") or bool(_X_SELF.match(path))
    return bool(_BLUESKY.fullmatch(host)) and (path in ("", "/") or path.startswith("/profile/"))


def _query(query: str) -> str:
    if not query:
        return ""
    kept = [p for p in query.split("&") if p and not _TRACKING.fullmatch(p.split("=", 1)[0])]
    return "?" + "&".join(kept) if kept else ""


def _trim(url: str) -> str:
    url = url.rstrip(_TRAILING)
    while url.endswith((")", "]")) and url.count("(") < url.count(")") + url.count("]") - url.count("["):
        url = url[:-1].rstrip(_TRAILING)
    return url

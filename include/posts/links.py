"""The links of a post: found in its text or listed beside it, each in one canonical form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from include.posts.urls.canonical import MAX_LINK_BYTES, canonical_link, domain, domain_of_canonical
from include.text.urls import urls_in

__all__ = [
    "MAX_LINK_BYTES",
    "canonical_link",
    "domain",
    "domain_of_canonical",
    "external",
    "resolve",
    "urls_in",
]


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

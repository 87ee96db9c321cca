"""Whatever reads a text takes a time that grows with its length: regular expressions, loops and the
library's."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from include.labelling.votes import votes
from include.lexicon.keywords import matched_keywords
from include.lexicon.text_features import features
from include.posts import fields
from include.posts.fast_parse import read_light
from include.posts.links import canonical_link, domain, external, urls_in
from include.posts.text import normalise, tokens
from include.posts.urls.canonical import parsed_link
from include.posts.urls.percent import normalised, without_dots
from include.text.letters import folded, plain
from include.text.urls import without_urls
from include.text.words import hashtags, hashtags_as_posted
from tests.support.growth import superlinear

READERS: dict[str, Callable[[str], object]] = {
    "urls_in": urls_in,
    "without_urls": without_urls,
    "links": lambda text: external(urls_in(text)),
    "canonical_link": canonical_link,
    "parsed_link": parsed_link,
    "domain": domain,
    "percent": normalised,
    "dots": without_dots,
    "plain": plain,
    "folded": folded,
    "normalise": normalise,
    "tokens": tokens,
    "hashtags": hashtags,
    "hashtags_as_posted": hashtags_as_posted,
    "tags": lambda text: fields.unique_tags(fields.tags_in(text)),
    "clean": fields.clean,
    "unescape": fields.unescape,
    "client_name": fields.client_name,
    "keywords": matched_keywords,
    "features": features,
    "votes": lambda text: votes([text]),
}


@pytest.mark.parametrize("reader", READERS)
def test_time_grows_with_length(reader: str) -> None:
    assert superlinear(READERS[reader]) == []


@pytest.mark.parametrize("prefix", ["http://a.example/", "see 見 http://a.example/b?"])
def test_time_of_finding_links_grows_with_length_within_a_link_too(prefix: str) -> None:
    assert superlinear(urls_in, prefix=prefix) == []
    assert superlinear(lambda text: urls_in(text + "…"), prefix=prefix) == []


@pytest.mark.parametrize("end", ["]", "—", "'", ""])
@pytest.mark.parametrize("start", ["http://a.b/(", "(http://a.b/", "'http://a.b/(", "http://é/(["])
def test_time_of_matching_nested_brackets_grows_with_their_number(start: str, end: str) -> None:
    def nested(text: str) -> object:
        return urls_in(text + end + ")" * (len(text) // len(start)))

    assert superlinear(nested, [start]) == []


def test_many_listed_links_are_not_each_looked_for_in_the_text() -> None:
    def post(text: str) -> object:
        urls = ",".join(
            f'{{"url": "https://t.co/{i:010}", "expanded_url": "https://a.example/{i}"}}'
            for i in range(len(text) // 8)
        )
        return read_light(
            f'{{"id_str": "1", "text": "{text}", "entities": {{"urls": [{urls}], "hashtags": []}}}}'.encode()
        )

    assert superlinear(post, ["https://t.co/x "]) == []


def test_quadratic_time_is_seen() -> None:
    """As link finding was, which counted brackets anew for each that it took off."""

    def trim(url: str) -> str:
        while url.endswith(")") and url.count("(") < url.count(")"):
            url = url[:-1]
        return url

    assert superlinear(trim, [")"])
    assert superlinear(lambda text: re.findall("a+b", text), ["a"])

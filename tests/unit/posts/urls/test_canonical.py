"""One spelling per link: the page's identity stays, tracking goes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from include.posts.links import external
from include.posts.urls.canonical import canonical_link, domain, domain_of_canonical, parsed_link
from tests.support.faults import lines_that_went_wrong

SAME = [
    # Routes of single-page applications
    ("https://app.example/#/paper/1/", "https://app.example/#/paper/1"),
    ("https://app.example/x/#!topic/a?utm_source=b&c=1", "https://app.example/x#!topic/a?c=1"),
    ("https://app.example/#!/a%7eb", "https://app.example/#!/a~b"),
    ("https://app.example/#/", "https://app.example/"),
    ("https://app.example/#!", "https://app.example/"),
    ("https://a.example/b#section", "https://a.example/b"),
    ("https://a.example/b#:~:text=quoted", "https://a.example/b"),
    # Encoded characters
    ("https://a.example/%7Euser/%2D%2e%5F", "https://a.example/~user/-._"),
    ("https://a.example/a%2fb%3f", "https://a.example/a%2Fb%3F"),
    ("https://a.example/stra%C3%9fe/%E4%BA%BA", "https://a.example/straße/人"),
    ("https://a.example/%F0%9F%94%A5/🔥", "https://a.example/%F0%9F%94%A5/%F0%9F%94%A5"),
    ("https://a.example/%E2%80%AEb\u202e", "https://a.example/%E2%80%AEb%E2%80%AE"),
    ("https://a.example/100%/%zz/%%41", "https://a.example/100%25/%25zz/%25A"),
    ("https://a.example/a|b^c`{d}", "https://a.example/a%7Cb%5Ec%60%7Bd%7D"),
    ("https://a.example/%ff%C3", "https://a.example/%FF%C3"),
    ("https://a.example/?q=%41+b%20c", "https://a.example/?q=A+b%20c"),
    ("https://a.example/a/./b/../c/%2e%2e/d", "https://a.example/a/d"),
    ("https://a.example/../..", "https://a.example/"),
    ("https://a.example/.well-known/x", "https://a.example/.well-known/x"),
    # Hosts
    ("https://faß.de/", "https://xn--fa-hia.de/"),
    ("https://FASS.de/", "https://fass.de/"),
    ("https://xn--FA-HIA.de/", "https://xn--fa-hia.de/"),
    ("https://STRAẞE.example/", "https://xn--strae-oqa.example/"),
    ("https://βόλος.com/", "https://xn--nxasmm1c.com/"),
    ("https://ｅｘａｍｐｌｅ．ｃｏｍ/", "https://example.com/"),
    ("https://例え。テスト/", "https://xn--r8jz45g.xn--zckzah/"),
    ("https://ex%61mple.com/", "https://example.com/"),
    ("https://mu\u0308nchen.example/", "https://xn--mnchen-3ya.example/"),
    ("https://mün\u00adchen.example/", "https://xn--mnchen-3ya.example/"),
    ("https://a.example./b", "https://a.example/b"),
    ("https://user:p%40ss@a.example:443/b", "https://a.example/b"),
    ("http://a.example:443/b", "http://a.example:443/b"),
    ("http://a.example:/b", "http://a.example/b"),
    ("https://a.example:0/b", "https://a.example:0/b"),
    ("http://[2001:DB8:0:0::1]:80/a", "http://[2001:db8::1]/a"),
    ("http://[::ffff:1.2.3.4]:8080/", "http://[::ffff:102:304]:8080/"),
    # Tracking, by host
    (
        "https://www.youtube.com/watch?v=x&feature=share&si=y&t=42&list=z",
        "https://www.youtube.com/watch?v=x&t=42&list=z",
    ),
    ("https://youtu.be/x?si=y&t=1", "https://youtu.be/x?t=1"),
    ("https://a.example/?si=y&feature=share&ref=z&s=20", "https://a.example/?si=y&feature=share&ref=z&s=20"),
    (
        "https://www.amazon.co.uk/A-Book/dp/0123456789/ref=sr_1_1?qid=1&psc=1&tag=x-21",
        "https://www.amazon.co.uk/dp/0123456789?psc=1",
    ),
    ("https://amazon.de/-/en/gp/product/B00ABCDEFG/?ref_=x", "https://amazon.de/dp/B00ABCDEFG"),
    ("https://www.amazon.com/s?k=ai&ref=x", "https://www.amazon.com/s?k=ai"),
    ("https://notamazon.com/dp/0123456789/ref=x?tag=y", "https://notamazon.com/dp/0123456789/ref=x?tag=y"),
    ("https://open.spotify.com/episode/x?si=y", "https://open.spotify.com/episode/x"),
    ("https://x.com/openai?s=20&t=abc", "https://x.com/openai"),
    ("https://medium.com/p/x?source=y", "https://medium.com/p/x"),
    (
        "https://a.example/?UTM_Source=x&utm%5Fmedium=y&mc_cid=z&FBCLID=1&gbraid=2&mtm_x=3&hsa_cam=4",
        "https://a.example/",
    ),
    ("https://a.example/?utm=1&gclid_x=2&fbclids=3", "https://a.example/?utm=1&gclid_x=2&fbclids=3"),
    ("https://a.example/?&&a&b=&", "https://a.example/?a&b="),
]


@pytest.mark.parametrize(("url", "expected"), SAME)
def test_one_spelling(url: str, expected: str) -> None:
    assert canonical_link(url) == expected
    assert parsed_link(url) == expected
    assert canonical_link(expected) == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://999.1.1.1/",
        "https://1.2.3/",
        "https://[::1/",
        "https://[v1.x]/",
        "https://[]/",
        "https://a..example/",
        "https://.example/",
        "https://a.example\\@b.example/",
        "https://xn--a.example/",
        "https://xn--abc-.example/",
        "https://a%2Fb.example/",
        "https://a%ff.example/",
        "https://" + "a." * 200 + "example/",
        "https://xn--" + "a" * 500 + ".example/",
        "https://\u200d/",
        "https://a|b.example/",
        "https://[fe80::1%eth0]x/",
    ],
)
def test_no_host(url: str) -> None:
    assert canonical_link(url) is None
    assert isinstance(domain(url), str)


PIECES = st.sampled_from(
    [
        "a.example",
        "A.EXAMPLE",
        "www.youtube.com",
        "amazon.de",
        "x.com",
        "t.co",
        "faß.de",
        "ＡＩ.example",
        "xn--fa-hia.de",
        "[::1]",
        "1.2.3.4",
        ":",
        "80",
        "443",
        "/",
        "//",
        ".",
        "..",
        "?",
        "&",
        "=",
        "#",
        "#!",
        "#/",
        "%",
        "%41",
        "%2e",
        "%2F",
        "%C3",
        "%9f",
        "%zz",
        "utm_source=x",
        "si=y",
        "v=1",
        "dp/0123456789",
        "ref=1",
        "é",
        "e\u0301",
        "❤",
        "\u202e",
        "\u200d",
        "。",
        "|",
        "'",
        "(",
        ")",
        "@",
        ";",
        "+",
        "~",
        "-",
        "_",
    ]
)
URLS = st.text(max_size=50) | st.tuples(
    st.sampled_from(
        ["https://a.example/", "https://www.amazon.com/", "https://", "http://youtu.be/?", "HTTP://x.com/"]
    ),
    st.lists(PIECES | st.text(max_size=3), max_size=10).map("".join),
).map("".join)


@settings(max_examples=400)
@given(URLS)
@example("https://a.example/%%411")
@example("https://a.example/.")
def test_any_text_has_at_most_one_canonical_form_by_both_ways(url: str) -> None:
    link = canonical_link(url)
    assert link == parsed_link(url)
    if link is not None:
        assert canonical_link(link) == link
        assert link.isprintable()
        assert domain(link) == domain_of_canonical(link)
        assert domain(link).isascii()


def test_inputs_that_went_wrong(real_data: Path) -> None:
    links = external(lines_that_went_wrong(real_data, "hash-routes"))
    assert len(links) == 5
    assert [link.partition("#")[2] for link in links] == [
        "!topic/spark/abc",
        "!topic/spark/def",
        "/paper/1",
        "/paper/2",
        "",
    ]

"""Links: one spelling each, and nothing that leads back into the network."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.posts.links import MAX_LINK_BYTES, canonical_link, domain, domain_of_canonical, urls_in

CANONICAL = [
    ("HTTP://Example.COM:80", "http://example.com/"),
    ("https://example.com:443/a/b/", "https://example.com/a/b"),
    ("https://example.com:8443/a", "https://example.com:8443/a"),
    (
        "https://example.com/a?b=2&utm_source=t&a=1&fbclid=x&gclid=y&ref_src=z#part",
        "https://example.com/a?b=2&a=1",
    ),
    ("https://example.com/?utm_campaign=x", "https://example.com/"),
    ("https://user:secret@example.com/a", "https://example.com/a"),
    ("https://münchen.example/straße", "https://xn--mnchen-3ya.example/straße"),
    ("https://例え.jp/", "https://xn--r8jz45g.jp/"),
    ("https://t.co/AeXZQnKiRB", "https://t.co/AeXZQnKiRB"),
    ("https://help.twitter.com/en", "https://help.twitter.com/en"),
    ("https://notx.com/a/status/1", "https://notx.com/a/status/1"),
    ("https://93.184.216.34/a", "https://93.184.216.34/a"),
    ("https://x.com/openai", "https://x.com/openai"),
]


@pytest.mark.parametrize(("url", "expected"), CANONICAL)
def test_canonical_form(url: str, expected: str) -> None:
    assert canonical_link(url) == expected
    assert canonical_link(expected) == expected, "a canonical link is its own canonical form"


@pytest.mark.parametrize(
    "url",
    [
        "https://twitter.com/a/status/1",
        "https://X.com/a/status/1/photo/1",
        "https://mobile.twitter.com/a/statuses/1?s=20",
        "https://twitter.com/i/web/status/1",
        "https://twitter.com/i/broadcasts/1abc",
        "https://pic.twitter.com/abc",
        "https://pbs.twimg.com/media/a.jpg",
        "https://bsky.app/profile/a.bsky.social/post/3k",
        "https://cdn.bsky.app/img/x",
        "ftp://example.com/a",
        "javascript:alert(1)",
        "mailto:a@example.com",
        "//example.com/a",
        "example.com",
        "",
        "https://",
        "https:///a",
        "http://localhost/a",
        "http://[::1",
        "http://exa mple.com",
        "http://example.com:99999/",
        "http://example.com/\x00",
        "http://example.com/\ud800",
        'http://example.com/"><script>',
        "https://" + "a" * 300 + ".com/",
        "https://example.com/" + "a" * MAX_LINK_BYTES,
        "https://example.com/" + "é" * (MAX_LINK_BYTES // 2),
        "https://example.com/" + "a" * 2_700,  # more than a key of the table of links can have
        "https://t.co",
        "https://t.co/",
    ],
)
def test_no_external_link(url: str) -> None:
    assert canonical_link(url) is None


def test_domain() -> None:
    assert domain("https://www.münchen.example/a") == "xn--mnchen-3ya.example"
    assert domain("nothing") == domain("http://[") == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://t.co/BHCZrfTXyrTrying", ["https://t.co/BHCZrfTXyr"]),
        (
            "https://t.co/8eXitDkJWDhttps://t.co/mzkBcIc4sK",
            ["https://t.co/8eXitDkJWD", "https://t.co/mzkBcIc4sK"],
        ),
        ("https://t.co/Z76YSWEAh5Bonus…", ["https://t.co/Z76YSWEAh5"]),
        ("https://t.co/dO8KarVNLR.", ["https://t.co/dO8KarVNLR"]),
        ("https://t.co/w0ww9p2ctA)?", ["https://t.co/w0ww9p2ctA"]),
        ("cut https://t.co/KglIm…", []),
        ("cut https://t.co/KglImabcde…", []),
        ("cut https://t.co/…", []),
        ("cut https://t.co…", []),
        ("cut https:/…", []),
        ("cut http://blog.example/a-very-lo…", []),
        (
            "see (https://en.example/wiki/A_(b)), and http://a.example.",
            ["https://en.example/wiki/A_(b)", "http://a.example"],
        ),
        ("見て https://a.example/記事。", ["https://a.example/記事"]),
        ("no links here", []),
    ],
)
def test_urls_of_a_text(text: str, expected: list[str]) -> None:
    assert urls_in(text) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://straße.example/", "https://xn--strae-oqa.example/"),  # IDNA 2003 made it strasse.example
        ("https://ＡＩ。example/a", "https://ai.example/a"),
        ("https://i❤.example/", "https://xn--i-7iq.example/"),  # no IDNA 2008 name, but domains like it exist
        ("https://🍕.example/", "https://xn--vi8h.example/"),
    ],
)
def test_international_hosts_are_written_as_browsers_send_them(url: str, expected: str) -> None:
    assert canonical_link(url) == expected
    assert canonical_link(expected) == expected


HOSTS = st.from_regex(
    r"[a-zäöé例え❤A-Z0-9_-]{1,12}(?:\.[a-zäöé例え0-9-]{1,12}){0,2}\.[a-z]{2,6}", fullmatch=True
)
PATHS = st.text(alphabet=st.sampled_from("ab/%?&=#.,~-_+@é utm_source"), max_size=20)


@given(st.sampled_from(["http://", "HTTPS://", "ftp://", ""]), HOSTS, PATHS)
def test_a_canonical_link_is_its_own_canonical_form(scheme: str, host: str, path: str) -> None:
    link = canonical_link(f"{scheme}{host}/{path}")
    if link is not None:
        assert canonical_link(link) == link
        assert link.isprintable()
        assert domain_of_canonical(link) == domain(link)
        assert domain(link).isascii()

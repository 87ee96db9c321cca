"""Where a link ends in running text of any script."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from include.posts.links import external
from include.text.urls import url_spans, urls_in
from tests.support.faults import lines_that_went_wrong

LINK = "https://news.example/a/b"

CLOSING = (
    "”",
    "’",
    "»",
    "›",
    "」",
    "』",
    "】",
    "）",
    "］",
    "｝",
    "〉",
    "》",
    "〕",
    "〗",
    "〙",
    "〞",
    "｣",
    "〟",
    "❜",
    "❞",
    "⟩",
    "⟧",
    "⦄",
    "⸩",
    "。",
    "、",
    "．",
    "，",
    "！",
    "？",
    "：",
    "；",
    "｡",
    "،",
    "؛",
    "؟",
    "۔",
    "।",
    "॥",
    "၊",
    "។",
    "།",
    "։",
    "՝",
    "׃",
    "෴",
    "๏",
    "᠂",
    "꓿",
    "‼",
    "⁉",
    "‽",
    "…more",
)
OPENING = (
    "“",
    "‘",
    "‚",
    "„",
    "«",
    "‹",
    "「",
    "『",
    "【",
    "（",
    "［",
    "｛",
    "〈",
    "《",
    "〔",
    "¿",
    "¡",
    "❝",
    "⟨",
)
OTHERS = (
    "—",
    "–",
    "―",
    "‐",
    "‑",
    "•",
    "·",
    "・",
    "→",
    "™",
    "€",
    "×",
    "°",
    "´",
    "|",
    "\\",
    "^",
    "`",
    "{",
    "}",
    "<",
    ">",
    '"',
    "\u3000",
    "\xa0",
    "\u2028",
    "\ufffd",
    "\ue000",
)
INVISIBLE = (
    "\u200b",
    "\u200c",
    "\u200d",
    "\u200e",
    "\u200f",
    "\u202a",
    "\u202c",
    "\u202e",
    "\u2060",
    "\u2066",
    "\u2069",
    "\ufeff",
    "\u00ad",
    "\ufe0f",
    "\U000e0067",
    "\x00",
    "\x7f",
    "\x85",
)
EMOJI = ("🔥", "👍🏽", "❤️", "👩‍🔬", "🇩🇪", "1️⃣", "☞", "✓", "🏴\U000e0067\U000e0062\U000e007f", "\ud83d")


@pytest.mark.parametrize("sign", [*CLOSING, *OPENING, *OTHERS, *INVISIBLE, *EMOJI])
@pytest.mark.parametrize(
    "link", [LINK, "https://news.example", "https://news.example/?q=a", "https://news.example/#/p"]
)
def test_a_sign_behind_a_link_is_the_sentences(sign: str, link: str) -> None:
    found = urls_in(f"see {link}{sign}")
    if sign == "…more":  # a link that is cut off leads nowhere
        assert found == []
    elif sign == "1️⃣":
        assert found in ([link], [f"{link}1"]), "a keycap begins with a digit"
    else:
        assert found == [link]
        assert external(found) != ()
        if sign not in ("·", "・", "\u200c", "\u200d", "．") and link.endswith("b"):
            assert urls_in(f"{sign}{link}{sign}見て、next") == [link], (
                "nor does it begin the link's next word"
            )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(https://a.example/x),(https://b.example/y)", ["https://a.example/x", "https://b.example/y"]),
        ("[text](https://a.example/x)[more]", ["https://a.example/x"]),
        (
            "https://en.example/wiki/A_(b) (https://en.example/wiki/A_(b))",
            ["https://en.example/wiki/A_(b)"] * 2,
        ),
        ("https://a.example/x(see below", ["https://a.example/x"]),
        ("https://a.example/x(", ["https://a.example/x"]),
        ("https://a.example/f(x[1],y)=2).", ["https://a.example/f(x[1],y)=2"]),
        ("['https://a.example/b', 'https://c.example/d']", ["https://a.example/b", "https://c.example/d"]),
        ("'https://a.example/b','https://c.example/d'", ["https://a.example/b", "https://c.example/d"]),
        ("https://a.example/o'brien'", ["https://a.example/o'brien"]),
        ("https://a.example,https://b.example", ["https://a.example", "https://b.example"]),
        (
            "**https://a.example/x** _https://a.example/y_ ~~https://a.example/z~~",
            [f"https://a.example/{c}" for c in "xyz"],
        ),
        # Ports, users, addresses, hosts of other scripts, dots
        (
            "https://a.example:8443/x, https://a.example:8443. https://a.example:",
            ["https://a.example:8443/x", "https://a.example:8443", "https://a.example"],
        ),
        ("https://a.example:見て https://a.example:99999/x", ["https://a.example", "https://a.example"]),
        ("https://user:pass@a.example/x", ["https://user:pass@a.example/x"]),
        ("https://a.example@bob said", ["https://a.example"]),
        (
            "http://[2001:db8::1]:8080/a](b) [http://[::1]/x]",
            ["http://[2001:db8::1]:8080/a", "http://[::1]/x"],
        ),
        ("https://93.184.216.34/a.", ["https://93.184.216.34/a"]),
        (
            "https://a.example. https://a.example./b https://a.example...",
            ["https://a.example", "https://a.example./b", "https://a.example"],
        ),
        (
            "https://münchen.example/straße, https://пример.рф/путь?я=ё.",
            ["https://münchen.example/straße", "https://пример.рф/путь?я=ё"],
        ),
        ("https://例え.jp。https://例え。jp、", ["https://例え.jp", "https://例え。jp"]),
        ("https://a.example。次の文", ["https://a.example"]),
        ("https://a.exampleを見て https://a.example입니다", ["https://a.example", "https://a.example"]),
        ("https://i❤.example🔥 https://🍕.example👍", ["https://i❤.example", "https://🍕.example"]),
        ("https://hi.example/क्षेत्र। और", ["https://hi.example/क्षेत्र"]),
        ("https://ja.example/wiki/スティーブ・ジョブズ・", ["https://ja.example/wiki/スティーブ・ジョブズ"]),
        ("https://fa.example/هوش\u200cمصنوعی،", ["https://fa.example/هوش\u200cمصنوعی"]),
        ("https://ca.example/col·lecció·", ["https://ca.example/col·lecció"]),
        ("HTTPS://A.EXAMPLE/X Http://b.example", ["HTTPS://A.EXAMPLE/X", "Http://b.example"]),
        ("texthttps://a.example/b", ["https://a.example/b"]),
        ("https://web.example/2020/https://a.example/b", ["https://web.example/2020/https://a.example/b"]),
        ("http:// https:/// http://. https://)", []),
    ],
)
def test_links_in_sentences(text: str, expected: list[str]) -> None:
    assert urls_in(text) == expected


PARTS = st.sampled_from(
    [
        "http://",
        "https://t.co/",
        "abcdefghij",
        "a.example",
        "/",
        "(",
        ")",
        "[",
        "]",
        "'",
        "…",
        "...",
        ".",
        ",",
        "é",
        "❤",
        "\ufe0f",
        "\u200d",
        "。",
        "・",
        "見",
        "\u200b",
        "\ud83d",
        "#",
        "@",
        ":",
        "80",
        "?",
        "&",
        "%",
        "|",
        "\u0301",
        "—",
        "”",
        "🔥",
        "xn--",
        "A",
        "-",
        "_",
        "\u202e",
    ]
) | st.just(" ")
TEXTS = (
    st.text(max_size=40)
    | st.lists(PARTS, max_size=14).map("".join)
    | st.lists(PARTS, max_size=12).map(lambda parts: "http://" + "".join(parts))
)


@settings(max_examples=300)
@given(TEXTS)
@example("HTTP://0.AAÀ.:")
@example("HTTP://。-")
@example("HTTP://⎴.-")
@example("HTTP://0。?")
def test_finding_links_in_what_was_found_finds_the_same(text: str) -> None:
    found = urls_in(text)
    assert [urls_in(url) for url in found] == [[url] for url in found]
    assert urls_in(" ".join(found)) == found
    assert [text[start:end] for start, end in url_spans(text)] == found


def test_inputs_that_went_wrong(real_data: Path) -> None:
    for line in lines_that_went_wrong(real_data, "typographic-quotes-and-links"):
        assert urls_in(line) == ["https://example.com/a"], line

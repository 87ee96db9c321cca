"""What a person sees: keys in one place, enough contrast in both themes, and posts as nothing but text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from playwright.async_api import Page

from include.infra.postgres.connection import connect
from include.settings import Settings
from tests.support.contrast import CONTRAST
from tests.support.datasets.version_of_posts import build, drop
from tests.support.tagger_page import (
    AGAIN,
    ITEM,
    MARKS,
    App,
    Browsing,
    choose,
    enter,
    in_browser,
    item,
    press,
    strike,
)

pytestmark = MARKS
VERSION = 950_002
WIDTHS = (360, 390, 700, 1280)
LINKS = ["https://example.org/a", "http://[not-an-address", *(f"https://e.org/{n}" for n in range(9_999))]
HOSTILE = [
    "a",
    "word " * 3_000 + "end",
    "\n" * 400 + "end",
    "x" * 30_000,
    "e" + "\u0301" * 280,
    "\u202egnp.exe\u202c \u2066open \u2067isolates",
    "<b>b</b><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">",
    "**bold** [link](http://x) :red[x] $a$ `c` </div></div> ~~s~~ <style>*{display:none}</style>",
]
KEYS = ".st-key-keys button, .st-key-moves button, .st-key-work button"
PLACES = """keys => [...document.querySelectorAll(keys)].filter(key => key.checkVisibility()).map(button => {
    const at = button.getBoundingClientRect()
    return [button.innerText.replace(/\\s/g, ''), at.x, at.y, at.width, at.height].join()
}).join('; ')"""
INSIDE = """() => document.documentElement.scrollWidth <= innerWidth
    && [...document.querySelectorAll('.st-key-keys .stMarkdownEllipsis, .st-key-moves .stMarkdownEllipsis')]
        .every(name => name.scrollWidth <= name.clientWidth + 1)
    && [...document.querySelectorAll('[data-testid=stMain] :is(button, a, .ts-post)')].every(one => {
        const at = one.getBoundingClientRect()
        return at.width === 0 || (at.left >= 0 && at.right <= innerWidth + 1) })"""

DRAWN = """() => document.querySelector('[data-test-script-state=notRunning]')
    && !document.querySelector('[data-stale=true]')
    && document.getAnimations().every(
        one => one.playState !== 'running' || !(one instanceof CSSTransition)
    )"""


@pytest.fixture
def hostile(database: Settings) -> Iterator[psycopg.Connection]:
    """A version of hostile posts, with ten thousand links each."""
    with (
        connect(database.as_role("tasks"), autocommit=True) as builder,
        connect(database, autocommit=True) as connection,
    ):
        posts = [f"{text} {uuid4().hex}" for text in HOSTILE]
        build(builder, VERSION, {"test": posts}, keywords=["AI", "word"] * 50, links=LINKS, lang="en")
        connection.execute("DELETE FROM labelling_lease")
        yield connection
        drop(builder, VERSION)


async def faint(page: Page) -> dict[str, float]:
    """Texts whose contrast is below 4.5 to 1 on the drawn page; while it runs, Streamlit fades its texts."""
    await page.wait_for_function(DRAWN)
    found: dict[str, float] = await page.evaluate(CONTRAST)
    return found


def test_keys_stay_where_they_are(hostile: psycopg.Connection, app: App) -> None:
    seen: list[str] = []
    places: dict[int, set[str]] = defaultdict(set)

    async def measure(page: Page) -> None:
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 800})
            await page.wait_for_function(INSIDE, timeout=AGAIN)
            places[width].add(await page.evaluate(PLACES, KEYS))

    async def story(browsing: Browsing) -> None:
        page = await browsing.session(f"ann of a very long name-{uuid4().hex}")
        for _ in HOSTILE:
            await item(page)
            await measure(page)
            seen.append(await page.locator(ITEM).inner_text())
            assert await page.locator(ITEM).locator("> :not(mark):not(.ts-turned)").count() == 0
            assert await page.get_by_text("and 9,992 more links").count() == 1
            if len(seen) < len(HOSTILE):
                await press(page, "s")
        await strike(page, "s", "() => document.body.innerText.includes('holds nothing more')")
        await measure(page)
        await strike(page, "ArrowLeft", "() => document.body.innerText.includes('You pressed')")
        await measure(page)
        await choose(page, "disagreement")
        await page.get_by_text("needs the model in service").wait_for()
        await measure(page)
        assert "owned" not in await page.title()

    in_browser(app, story)
    assert set(places) == set(WIDTHS)
    assert [found for found in places.values() if len(found) > 1] == []
    assert len(set(seen)) == len(HOSTILE)
    for text in HOSTILE[6:]:
        assert any(text in shown for shown in seen)
    assert any(shown.startswith("RLOgnp.exePDF") for shown in seen)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_can_be_read(hostile: psycopg.Connection, app: App, scheme: Any) -> None:
    async def story(browsing: Browsing) -> None:
        page = await browsing.window(color_scheme=scheme)
        await page.get_by_text("Enter your name").wait_for()
        assert await faint(page) == {}
        await page.get_by_label("Your name").fill("   ")
        await page.keyboard.press("Enter")
        await page.get_by_text("A name is needed").wait_for()
        assert await faint(page) == {}
        await enter(page, f"ann-{uuid4().hex[:8]}")
        await item(page)
        await strike(page, "g", "() => document.querySelector('.st-key-guideline')")
        assert await faint(page) == {}
        assert await faint_when_fainter(page)
        colours = [
            await page.locator(f"[class*=st-key-{slug}_] button").evaluate(
                "button => getComputedStyle(button).backgroundColor"
            )
            for slug in ("ai", "not_ai", "skip")
        ]
        assert len(set(colours)) == 3
        await named(page)
        await strike(page, "q", "() => document.querySelector('[role=radiogroup]')")
        assert await faint(page) == {}
        await page.get_by_role("button", name="Go on").click()
        await press(page, "s")
        await strike(page, "ArrowLeft", "() => document.body.innerText.includes('You pressed')")
        assert await faint(page) == {}
        for queue, says in (
            ("overlap", "holds nothing more"),
            ("disagreement", "needs the model in service"),
        ):
            await choose(page, queue)
            await page.get_by_text(says).wait_for()
            assert await faint(page) == {}
        await page.get_by_role("link", name="Labels").click()
        await page.get_by_text("Golden labels as files").wait_for()
        assert await faint(page) == {}

    in_browser(app, story)


async def faint_when_fainter(page: Page) -> bool:
    """Whether the measure sees a grey that is too faint on either theme's background."""
    grey = "document.querySelector('.ts-marks').style.color = '#7a7a7a'"
    return await page.evaluate(f"() => {{ {grey}; return ({CONTRAST})() }}") != {}


async def named(page: Page) -> None:
    """What a screen reader says of the page."""
    assert await page.get_by_role("region", name="Post").get_attribute("lang") == "en"
    for name in ("AI", "Not AI", "Skip", "Flag", "Undo", "Guideline", "Change"):
        assert await page.get_by_role("button", name=f"{name} Shortcut").count() >= 1

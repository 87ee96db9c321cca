"""A person curates by keys alone, on a wide screen and on a phone; what was done is in the log."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from include.infra.postgres.connection import connect
from include.settings import PROJECT_ROOT, Settings
from tests.support.curation import hostile
from tests.support.curation.cleared import clear
from tests.support.curation.feed import payload, stream
from tests.support.datasets.version_of_posts import build, drop
from tests.support.tagger_page import (
    MARKS,
    SETTLED,
    App,
    Browsing,
    Page,
    choose,
    in_browser,
    running,
    strike,
)

pytestmark = MARKS
PICTURES = PROJECT_ROOT / "artifacts"
SHOWN = "() => document.querySelector('[data-item]')?.dataset.item"
READY = """([before, settled]) => {
    const now = document.querySelector('[data-item]')?.dataset.item
    if (!now || now === before) return false
    if (!document.querySelector(`.st-key-hide_${CSS.escape(now)} button`)) return false
    if (window.shown?.now !== now) window.shown = {now, since: performance.now()}
    return performance.now() - window.shown.since >= settled ? now : false
}"""
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
VERSION = 950_002
SITES = ("arxiv.org", "openreview.net", "huggingface.co", "lab.org", "news.org", "blog.org", "code.org")


@pytest.fixture(scope="module")
def app(database: Settings) -> Iterator[App]:
    with running(database, "dashboard") as started:
        yield started


@pytest.fixture
def feed(database: Settings) -> Iterator[psycopg.Connection]:
    """Fourteen live posts, one of them hostile and on top; five old and five invented ones."""
    with connect(database, autocommit=True) as connection:
        clear(connection)
        posts = [(payload(900, hostile.POST, "https://evil.org/x?y=%3Cb%3E", lang="x<b>y"), 0.999)]
        for n in range(13):
            text = f"Paper {n}: what transformer number {n} learns about language, and why it matters"
            age = timedelta(minutes=10 * n + 5)
            posts.append((payload(n, text, f"https://{SITES[n % 7]}/{n}", age=age), 0.98 - n / 100))
        for n in range(100, 105):
            old = payload(n, f"old post {n} of a dump", f"https://old.org/{n}", age=timedelta(days=900))
            posts += [(old, 0.99), (payload(n + 100, f"invented {n}", f"https://labnotes.example/{n}"), 1.0)]
        stream(database, posts)
        yield connection
        clear(connection)


async def shown(page: Page, before: str = "") -> str:
    """Which card is shown, once it is another one and its keys are there."""
    handle = await page.wait_for_function(READY, arg=[before, SETTLED])
    return str(await handle.json_value())


async def press(page: Page, key: str) -> str:
    """Press a key and await another card; the one that it was pressed on, by its text."""
    before = await shown(page)
    text = await page.locator("[data-item]").inner_text()
    await strike(page, key, READY, [before, 0])
    return text


async def opened(browsing: Browsing, curator: str, path: str = "/", **how: Any) -> Page:
    page = await browsing.window(path, **how)
    await page.context.route("**/x.com/**", lambda route: route.fulfill(body="the platform's own page"))
    await page.get_by_label("Your name").fill(curator)
    await page.keyboard.press("Enter")
    await shown(page)
    return page


def done(connection: psycopg.Connection, curator: str) -> list[tuple[str, str]]:
    return connection.execute(
        "SELECT action, post_id FROM curation_event WHERE curator = %s ORDER BY id", [curator]
    ).fetchall()


@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "light"), (PHONE, "dark")], ids=["wide", "phone"])
def test_five_reposted_one_hidden_one_undone_one_for_the_tagger(
    feed: psycopg.Connection, app: App, tmp_path: Path, size: dict[str, int], scheme: str
) -> None:
    ann = f"ann-{uuid4().hex[:6]}"
    files: dict[str, str] = {}
    name = "wide" if size is WIDE else "phone"

    async def story(browsing: Browsing) -> None:
        page = await opened(browsing, ann, viewport=size, color_scheme=scheme)
        PICTURES.mkdir(exist_ok=True)
        await page.screenshot(path=PICTURES / f"to-repost-{name}-hostile.png", full_page=True)
        assert "harmed" not in await page.title()
        post = page.locator("[data-item]")
        assert hostile.MARKDOWN in await post.inner_text()
        assert "RLO" in await post.inner_text()
        assert await post.locator("script, img, strong, a").count() == 0
        await press(page, "h")  # the hostile one is hidden
        await page.screenshot(path=PICTURES / f"to-repost-{name}.png", full_page=True)
        for _ in range(5):
            async with page.context.expect_page() as opening:
                await press(page, "p")
            platform = await opening.value
            assert "x.com/intent/retweet?tweet_id=" in platform.url
            await platform.close()
            await page.bring_to_front()
        taken_back = await press(page, "h")
        before = await shown(page)
        await strike(page, "z", READY, [before, 0])
        assert taken_back == await post.inner_text()
        await press(page, "w")
        await press(page, "ArrowRight")
        await press(page, "ArrowLeft")
        overflow = await page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0, "the page is as wide as the screen"
        await page.goto(f"{app.url}/?state=reposted")
        await page.get_by_text("5 reposted").wait_for()
        await page.screenshot(path=PICTURES / f"to-repost-{name}-reposted.png", full_page=True)
        for form in ("CSV", "JSONL"):
            async with page.expect_download() as saving:
                await page.get_by_role("button", name=f"{form} of this filter").click()
            files[form] = Path(await (await saving.value).path()).read_text(encoding="utf-8")

    in_browser(app, story)
    events = done(feed, ann)
    assert [action for action, _ in events] == ["hide", *["repost"] * 5, "hide", "undo", "wrong"]
    assert events[0][1] == "900"
    assert len({post for _, post in events[6:]}) == 1, "the one that was undone went to the tagger"
    reposted = {post for action, post in events if action == "repost"}
    as_json = [json.loads(line) for line in files["JSONL"].splitlines()]
    assert {row["post_id"] for row in as_json} == reposted == {row["post_id"] for row in csv.DictReader(
        io.StringIO(files["CSV"]))}  # fmt: skip
    assert {row["decided_by"] for row in as_json} == {ann}
    ((states,),) = feed.execute(
        "SELECT array_agg(state || n ORDER BY state) FROM"
        " (SELECT state, count(*) AS n FROM repost_card GROUP BY 1) AS s"
    ).fetchall()
    assert states == ["hidden1", "open17", "reposted5", "wrong1"]


def test_what_is_sent_to_the_tagger_is_labelled_there_blind(
    feed: psycopg.Connection, app: App, database: Settings
) -> None:
    ann, bob = f"ann-{uuid4().hex[:6]}", f"bob-{uuid4().hex[:6]}"

    async def sends(browsing: Browsing) -> None:
        page = await opened(browsing, ann)
        await press(page, "ArrowRight")
        await press(page, "w")

    async def labels(browsing: Browsing) -> None:
        page = await browsing.session(bob)
        await choose(page, "reported")
        await page.get_by_text("Paper 0: what transformer").wait_for()
        assert "suggestions are hidden" in await page.inner_text("body")
        await page.wait_for_timeout(SETTLED)
        await strike(page, "2", "() => document.body.innerText.includes('holds nothing more for you')")

    in_browser(app, sends)
    with connect(database.as_role("tasks"), autocommit=True) as builder, running(database) as tagger:
        build(builder, VERSION, {"test": ["a post of a version"]})
        try:
            in_browser(tagger, labels)
        finally:
            drop(builder, VERSION)
    found = feed.execute(
        "SELECT label, queue, post_id FROM label_event WHERE annotator = %s", [bob]
    ).fetchall()
    assert found == [(0, "reported", "0")]


def test_two_people_have_different_cards_and_an_address_is_shared(feed: psycopg.Connection, app: App) -> None:
    ann, bob = f"ann-{uuid4().hex[:6]}", f"bob-{uuid4().hex[:6]}"

    async def story(browsing: Browsing) -> None:
        first = await opened(browsing, ann)
        second = await opened(browsing, bob)
        ours = [await page.locator("[data-item]").inner_text() for page in (first, second)]
        assert ours[0] != ours[1]
        await strike(first, "f", "() => document.querySelector('.st-key-f_q input')")
        await first.get_by_role("textbox", name="Words").fill("transformer language")
        await first.get_by_role("button", name="Show", exact=True).click()
        await first.get_by_text("“transformer language”").wait_for()
        assert "q=transformer+language" in first.url
        third = await opened(browsing, f"eve-{uuid4().hex[:6]}", first.url.removeprefix(app.url))
        await third.get_by_text("“transformer language”").wait_for()
        await first.reload()
        await first.get_by_text("“transformer language”").wait_for()

    in_browser(app, story)

"""The tagger in real browsers, keys pressed as a person presses them, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from include.infra.postgres.connection import connect
from include.settings import PROJECT_ROOT, Settings
from tests.support.datasets.version_of_posts import build, drop

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
try:
    from playwright.async_api import Page, async_playwright
    from playwright.async_api import TimeoutError as PlaywrightTimeout
except ImportError:  # pragma: no cover
    pytest.skip("the package playwright is not installed", allow_module_level=True)

pytestmark = [
    pytest.mark.stack,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the PATH (Debian: apt-get install chromium)"),
]
VERSION = 950_001
POSTS = 230
EACH = 100
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 120_000
"""Milliseconds; far above what anything takes, for a busy machine."""
AGAIN = 10_000
"""Milliseconds after which a key without effect is pressed once more."""
ITEM = ".ts-post"


@pytest.fixture
def version(database: Settings) -> Iterator[psycopg.Connection]:
    with connect(database, autocommit=True) as connection:
        tag = uuid4().hex
        build(
            connection,
            VERSION,
            {"test": [f"post {place} on AI {tag}" for place in range(POSTS)]},
            keywords=["AI"],
        )
        connection.execute("DELETE FROM labelling_lease")
        yield connection
        drop(connection, VERSION)


class App:
    """One page server, killed and started at will."""

    def __init__(self, settings: Settings) -> None:
        self.url = f"http://{settings.host}:{settings.tagger_port}"
        self._command = [
            sys.executable, "-m", "streamlit", "run", str(Path("streamlit_apps", "tagger", "app.py")),
            "--server.address", settings.host, "--server.port", str(settings.tagger_port),
            "--server.headless", "true", "--server.fileWatcherType", "none",
            "--browser.gatherUsageStats", "false",
        ]  # fmt: skip
        self._log = settings.state_dir / "tagger-in-test.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=PROJECT_ROOT, env=dict(os.environ), stdout=log, stderr=log
            )
        deadline = time.monotonic() + 300
        while not self._answers():
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < deadline, self._log.read_text()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/_stcore/health", timeout=1, trust_env=False).is_success
        except httpx.HTTPError:
            return False


@contextmanager
def running(settings: Settings) -> Iterator[App]:
    app = App(settings)
    app.start()
    try:
        yield app
    finally:
        app.kill()


Session = Callable[[str], Awaitable[Page]]


def in_browser(app: App, story: Callable[[Session], Awaitable[None]]) -> None:
    """Run a story; each annotator it opens has a browser context of their own."""

    async def told() -> None:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=PATIENCE)

            async def session(annotator: str) -> Page:
                page = await (await browser.new_context()).new_page()
                page.set_default_timeout(PATIENCE)
                await page.goto(f"{app.url}/?annotator={annotator}")
                await page.wait_for_selector(ITEM)
                return page

            await story(session)
            await browser.close()

    asyncio.run(told())


READY = """([item, before]) => {
    const now = document.querySelector(item)?.dataset.item
    return now && now !== before && document.querySelector(`.st-key-label_${now}_1 button`) ? now : false
}"""
"""The item that is shown, once it is another one and its keys are there to be pressed."""


async def item(page: Page, before: str = "") -> str:
    """Which item is shown: its lease."""
    handle = await page.wait_for_function(READY, arg=[ITEM, before])
    await page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return str(await handle.json_value())


async def strike(page: Page, key: str, effect: str, arg: object = None) -> None:
    """Press a key, and again where it had no effect: one that comes before its button is drawn is lost."""
    for _ in range(PATIENCE // AGAIN):
        await page.keyboard.press(key)
        with suppress(PlaywrightTimeout):
            await page.wait_for_function(effect, arg=arg, timeout=AGAIN)
            return
    raise AssertionError(f"the key {key} has no effect")


async def press(page: Page, key: str) -> float:
    """Press a key and await another item with its keys; milliseconds from press to sight."""
    before = await item(page)
    start = time.perf_counter()
    await strike(page, key, READY, [ITEM, before])
    return (time.perf_counter() - start) * 1000


def events_of(connection: psycopg.Connection, people: list[str]) -> list[tuple[Any, ...]]:
    return connection.execute(
        "SELECT annotator, action, label, queue, text_hash FROM label_event"
        " WHERE annotator = ANY (%s) ORDER BY id",
        [people],
    ).fetchall()


def test_two_people_label_200_posts_at_once(version: psycopg.Connection, database: Settings) -> None:
    ann, bob = (f"{name}-{uuid4().hex[:8]}" for name in ("ann", "bob"))
    took: list[float] = []

    async def label(session: Session, annotator: str) -> None:
        page = await session(annotator)
        for place in range(EACH):
            took.append(await press(page, "1" if place % 3 else "2"))

    async def story(session: Session) -> None:
        await asyncio.gather(label(session, ann), label(session, bob))

    with running(database) as app:
        in_browser(app, story)
    made = events_of(version, [ann, bob])
    pressed = Counter((who, label) for who, _, label, _, _ in made)
    assert pressed == {(ann, 1): 66, (ann, 0): 34, (bob, 1): 66, (bob, 0): 34}
    drawn = [text for _, _, _, queue, text in made if queue == "random"]
    assert len(drawn) == len(set(drawn))
    overlapping = [(who, text) for who, _, _, queue, text in made if queue == "overlap"]
    assert len(drawn) + len(overlapping) == 2 * EACH
    assert len({(who, text) for who, _, _, _, text in made}) == 2 * EACH  # nobody had one post twice
    assert {text for _, text in overlapping} <= set(drawn)
    print(f"key press to next post, two at once: median {statistics.median(took):.0f} ms of {len(took)}")


def test_undo_works_after_a_reload(version: psycopg.Connection, database: Settings) -> None:
    ann = f"ann-{uuid4().hex[:8]}"

    async def story(session: Session) -> None:
        page = await session(ann)
        first = await page.locator(ITEM).inner_text()
        await press(page, "1")
        await page.reload()
        await page.wait_for_selector(ITEM)
        await press(page, "z")
        assert await page.locator(ITEM).inner_text() == first
        await press(page, "2")

    with running(database) as app:
        in_browser(app, story)
    assert [event[1:3] for event in events_of(version, [ann])] == [("label", 1), ("undo", None), ("label", 0)]


PRESS_WHEN_SHOWN = """([item, before, keyCode, key]) => {
    const pressed = new MutationObserver(() => {
        const now = document.querySelector(item)?.dataset.item
        if (!now || now === before || !document.querySelector(`.st-key-label_${now}_2 button`)) return
        pressed.disconnect()
        window.pressedWhenShown = true
        for (const kind of ['keydown', 'keyup'])
            document.body.dispatchEvent(new KeyboardEvent(kind, {key, keyCode, bubbles: true}))
    })
    pressed.observe(document.body, {childList: true, subtree: true, attributes: true})
}"""
"""Press a key in the instant in which another item's keys are in the page: the old ones are bound still."""


@pytest.mark.parametrize("key", ["2", "z"])
def test_a_key_counts_only_for_the_post_it_was_drawn_with(
    version: psycopg.Connection, database: Settings, key: str
) -> None:
    """In the instant of change the keys of the post before are bound still: they must do nothing."""
    ann = f"ann-{uuid4().hex[:8]}"

    async def story(session: Session) -> None:
        page = await session(ann)
        await press(page, "1")
        before = await item(page)
        await page.evaluate(PRESS_WHEN_SHOWN, [ITEM, before, ord(key.upper()), key])
        await strike(page, "z" if key == "2" else "1", "() => window.pressedWhenShown")
        await press(page, "s")

    with running(database) as app:
        in_browser(app, story)
    made = version.execute(
        "SELECT id, action, text_hash, undoes FROM label_event WHERE annotator = %s ORDER BY id", [ann]
    ).fetchall()
    first = made[0]
    if key == "2":  # the post in hand at the undo went back, and was not before the annotator any more
        assert [action for _, action, _, _ in made[:2]] == ["label", "undo"]
        assert {text for _, action, text, _ in made if action != "skip"} == {first[2]}
    else:  # the undo of the first label had become one of the second
        assert [action for _, action, _, _ in made[:2]] == ["label", "label"]
        assert first[0] not in {undone for *_, undone in made}


def test_killing_the_app_loses_nothing_that_was_pressed(
    version: psycopg.Connection, database: Settings
) -> None:
    ann = f"ann-{uuid4().hex[:8]}"

    async def story(session: Session) -> None:
        page = await session(ann)
        for _ in range(5):
            await press(page, "1")
        in_hand = await item(page)
        app.kill()
        assert len(events_of(version, [ann])) == 5
        app.start()
        await page.reload()
        await page.wait_for_selector(ITEM)
        assert await item(page) == in_hand  # one's own unfinished post comes first
        for _ in range(5):
            await press(page, "2")

    with running(database) as app:
        in_browser(app, story)
    made = events_of(version, [ann])
    assert [label for _, _, label, _, _ in made] == [1] * 5 + [0] * 5
    assert len({text for *_, text in made}) == 10

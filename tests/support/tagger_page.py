"""The tagger's page server, and a person at a browser who presses its keys."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from include.settings import PROJECT_ROOT, Settings

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
try:
    from playwright.async_api import Browser, Page, async_playwright
    from playwright.async_api import TimeoutError as PlaywrightTimeout
except ImportError:  # pragma: no cover
    pytest.skip("the package playwright is not installed", allow_module_level=True)

MARKS = [
    pytest.mark.stack,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the PATH (Debian: apt-get install chromium)"),
]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP evil.example 127.0.0.1",  # somebody's name, made to point to this machine
]
PATIENCE = 120_000
"""Milliseconds; far above what anything takes, for a busy machine."""
AGAIN = 10_000
"""Milliseconds after which a key without effect is pressed once more."""
SETTLED = 350
"""Milliseconds after which a post that is shown counts as seen; before, a key is taken for a double press."""
ITEM = ".ts-post"


class App:
    """One page server, killed and started at will; its name is that of its role."""

    def __init__(self, settings: Settings, name: str = "tagger") -> None:
        port = getattr(settings, f"{name}_port")
        self.url = f"http://{settings.host}:{port}"
        self._role = name
        self._command = [
            sys.executable, "-m", "streamlit", "run", str(Path("streamlit_apps", name, "app.py")),
            "--server.address", settings.host, "--server.port", str(port),
        ]  # fmt: skip
        self._log = settings.state_dir / f"{name}-in-test.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=PROJECT_ROOT,
                env=os.environ | {"TWEETSIEVE_DATABASE_ROLE": self._role},
                stdout=log,
                stderr=log,
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
def running(settings: Settings, name: str = "tagger") -> Iterator[App]:
    app = App(settings, name)
    app.start()
    try:
        yield app
    finally:
        app.kill()


class Browsing:
    """A browser on the tagger; each window that it opens has a profile of its own."""

    def __init__(self, app: App, browser: Browser) -> None:
        self.app = app
        self._browser = browser

    async def window(self, path: str = "/", **how: Any) -> Page:
        """A window with nobody's name in it. ``how``: see playwright's ``new_context``."""
        page = await (await self._browser.new_context(**how)).new_page()
        page.set_default_timeout(PATIENCE)
        await page.goto(self.app.url + path)
        return page

    async def session(self, annotator: str, **how: Any) -> Page:
        """A window in which somebody has entered a name, and has a post."""
        page = await self.window(**how)
        await enter(page, annotator)
        return page


async def enter(page: Page, annotator: str) -> None:
    """Enter a name as people do: type it, and press Enter."""
    await page.get_by_label("Your name").fill(annotator)
    await page.keyboard.press("Enter")
    await page.wait_for_selector(ITEM)


Story = Callable[[Browsing], Awaitable[None]]


def in_browser(app: App, story: Story) -> None:
    """Run a story."""

    async def told() -> None:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=PATIENCE)
            await story(Browsing(app, browser))
            await browser.close()

    asyncio.run(told())


READY = """([item, before, settled]) => {
    const now = document.querySelector(item)?.dataset.item
    if (!now || now === before || !document.querySelector(`.st-key-ai_${now} button`)) return false
    if (window.shown?.now !== now) window.shown = {now, since: performance.now()}
    return performance.now() - window.shown.since >= settled ? now : false
}"""
"""The item that is shown, once it is another one, its keys are there to be pressed, and it has settled."""


async def item(page: Page, before: str = "") -> str:
    """Which item is shown: its lease."""
    handle = await page.wait_for_function(READY, arg=[ITEM, before, SETTLED])
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


async def choose(page: Page, queue: str) -> None:
    """Choose a queue as people do: by a click on it, after which the focus is there."""
    await strike(page, "q", "() => document.querySelector('[role=radiogroup]')")
    await page.locator("label", has=page.get_by_text(queue, exact=True)).click()
    await page.get_by_role("button", name="Go on").click()
    await page.wait_for_function(
        "queue => document.querySelector('.st-key-work')?.innerText.includes(queue)", arg=f"queue {queue}"
    )


async def press(page: Page, key: str) -> float:
    """Press a key and await another item with its keys; milliseconds from press to sight."""
    before = await item(page)
    start = time.perf_counter()
    await strike(page, key, READY, [ITEM, before, 0])
    return (time.perf_counter() - start) * 1000


def events_of(connection: psycopg.Connection, people: list[str]) -> list[tuple[Any, ...]]:
    """What people did: annotator, action, label, queue, text hash."""
    return connection.execute(
        "SELECT annotator, action, label, queue, text_hash FROM label_event"
        " WHERE annotator = ANY (%s) ORDER BY id",
        [people],
    ).fetchall()

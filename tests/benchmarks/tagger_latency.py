"""How long the tagger takes from a key press to the next post, in Chromium on a real PostgreSQL.

python -m tests.benchmarks.tagger_latency [PRESSES] [POSTS]

Starts a database, the page server and a headless browser of its own. Times are taken inside the page, from
the event of the key to the frame in which another post and its keys are there, so that neither the
driver nor its connection to the browser is measured. Prints the median and the tail in milliseconds, the
first press apart: it draws what later presses only change.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Sequence
from uuid import uuid4

import psycopg
import pytest
from playwright.async_api import Page

from include.console.arguments import CommandParser, whole_number
from include.console.command import command
from include.infra.postgres.connection import connect
from include.infra.processes.ports import free_ports
from include.infra.processes.service import running as running_service
from include.local_stack import postgres
from include.local_stack.database.preparation import prepare_databases
from include.settings import get_settings
from tests.support.datasets.version_of_posts import build, drop
from tests.support.tagger_page import ITEM, SETTLED, Browsing, in_browser, item, running

VERSION = 950_002
WATCH = """([item]) => {
    window.pressed = []
    addEventListener('keydown', event => {
        const start = event.timeStamp, before = document.querySelector(item).dataset.item
        const look = () => {
            const now = document.querySelector(item)?.dataset.item
            if (now && now !== before && document.querySelector(`.st-key-ai_${now} button`))
                window.pressed.push(performance.now() - start)
            else requestAnimationFrame(look)
        }
        requestAnimationFrame(look)
    }, true)
}"""


async def timed(page: Page, presses: int) -> list[float]:
    """Milliseconds of each press, a rhythm apart that a fast reader has."""
    await item(page)
    await page.evaluate(WATCH, [ITEM])
    for place in range(presses):
        await page.keyboard.press("1" if place % 3 else "2")
        await page.wait_for_function("count => window.pressed.length > count", arg=place)
        await page.wait_for_timeout(SETTLED)
    return [float(value) for value in await page.evaluate("() => window.pressed")]


def fill(connection: psycopg.Connection, posts: int) -> None:
    """A version of so many posts: a tenth of them in test, as everything is asked of the first split."""
    tag = uuid4().hex
    texts = [f"post {place} on AI, machine learning and https://t.co/{place} {tag}" for place in range(posts)]
    cut = max(posts // 10, 500)
    build(connection, VERSION, {"test": texts[:cut], "train": texts[cut:]}, keywords=["AI"])


@command
def main(argv: Sequence[str] | None = None) -> int:
    parser = CommandParser("tests.benchmarks.tagger_latency", __doc__)
    add = parser.add_argument
    add("presses", type=whole_number(11), nargs="?", default=60, help="keys to press; 60 by default")
    add("posts", type=whole_number(100), nargs="?", default=5_000, help="in the version; 5,000 by default")
    given = parser.parse_args(argv)
    _measure(given.presses, given.posts)
    return 0


def _measure(presses: int, posts: int) -> None:
    took: list[float] = []

    async def story(browsing: Browsing) -> None:
        took.extend(await timed(await browsing.session(f"ann-{uuid4().hex[:8]}"), presses))

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        for name, port in zip(("POSTGRES", "TAGGER", "SERVING"), free_ports(3), strict=True):
            patch.setenv(f"TWEETSIEVE_{name}_PORT", str(port))
        patch.setenv("TWEETSIEVE_STATE_DIR", folder)
        get_settings.cache_clear()
        settings = get_settings()
        with running_service(postgres.service(settings), settings.logs_dir):
            prepare_databases(settings)
            with connect(settings, autocommit=True) as connection:
                fill(connection, posts)
                with running(settings) as app:
                    in_browser(app, story)
                drop(connection, VERSION)
    first, *others = took
    nine = statistics.quantiles(others, n=10)[-1]
    print(f"key press to next post: median {statistics.median(others):.0f} ms, 90 % within {nine:.0f} ms,")
    print(f"slowest {max(others):.0f} ms, of {len(others)} presses; the first {first:.0f} ms")


if __name__ == "__main__":
    sys.exit(main())

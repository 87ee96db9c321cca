"""The tagger in real browsers, keys pressed as a person presses them, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
import statistics
from collections import Counter
from uuid import uuid4

import psycopg
import pytest

from tests.support.tagger_page import ITEM, MARKS, App, Browsing, events_of, in_browser, item, press, strike

pytestmark = MARKS
EACH = 50


def test_two_people_label_100_posts_at_once(version: psycopg.Connection, app: App) -> None:
    ann, bob = (f"{name}-{uuid4().hex[:8]}" for name in ("ann", "bob"))
    took: list[float] = []

    async def label(browsing: Browsing, annotator: str) -> None:
        page = await browsing.session(annotator)
        for place in range(EACH):
            took.append(await press(page, "1" if place % 3 else "2"))

    async def story(browsing: Browsing) -> None:
        await asyncio.gather(label(browsing, ann), label(browsing, bob))

    in_browser(app, story)
    made = events_of(version, [ann, bob])
    pressed = Counter((who, label) for who, _, label, _, _ in made)
    assert pressed == {(ann, 1): 33, (ann, 0): 17, (bob, 1): 33, (bob, 0): 17}
    drawn = [text for _, _, _, queue, text in made if queue == "random"]
    assert len(drawn) == len(set(drawn))
    overlapping = [(who, text) for who, _, _, queue, text in made if queue == "overlap"]
    assert len(drawn) + len(overlapping) == 2 * EACH
    assert len({(who, text) for who, _, _, _, text in made}) == 2 * EACH  # nobody had one post twice
    assert {text for _, text in overlapping} <= set(drawn)
    print(f"key press to next post, two at once: median {statistics.median(took):.0f} ms of {len(took)}")


def test_undo_works_after_a_reload(version: psycopg.Connection, app: App) -> None:
    ann = f"ann-{uuid4().hex[:8]}"

    async def story(browsing: Browsing) -> None:
        page = await browsing.session(ann)
        first = await page.locator(ITEM).inner_text()
        await press(page, "1")
        await page.reload()
        await page.wait_for_selector(ITEM)
        await press(page, "z")
        assert await page.locator(ITEM).inner_text() == first
        await press(page, "2")

    in_browser(app, story)
    assert [event[1:3] for event in events_of(version, [ann])] == [("label", 1), ("undo", None), ("label", 0)]


PRESS_WHEN_SHOWN = """([item, before, keyCode, key]) => {
    const pressed = new MutationObserver(() => {
        const now = document.querySelector(item)?.dataset.item
        if (!now || now === before || !document.querySelector(`.st-key-not_ai_${now} button`)) return
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
    version: psycopg.Connection, app: App, key: str
) -> None:
    """In the instant of change the keys of the post before are bound still: they must do nothing."""
    ann = f"ann-{uuid4().hex[:8]}"

    async def story(browsing: Browsing) -> None:
        page = await browsing.session(ann)
        await press(page, "1")
        before = await item(page)
        await page.evaluate(PRESS_WHEN_SHOWN, [ITEM, before, ord(key.upper()), key])
        await strike(page, "z" if key == "2" else "1", "() => window.pressedWhenShown")
        await press(page, "s")

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


def test_killing_the_app_loses_nothing_that_was_pressed(version: psycopg.Connection, app: App) -> None:
    ann = f"ann-{uuid4().hex[:8]}"

    async def story(browsing: Browsing) -> None:
        page = await browsing.session(ann)
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

    in_browser(app, story)
    made = events_of(version, [ann])
    assert [label for _, _, label, _, _ in made] == [1] * 5 + [0] * 5
    assert len({text for *_, text in made}) == 10

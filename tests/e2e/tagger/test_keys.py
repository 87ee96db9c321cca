"""Whose keys they are, and which post they label: nothing else on the page takes them, and no address."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest

from tests.support.tagger_page import (
    MARKS,
    App,
    Browsing,
    choose,
    enter,
    events_of,
    in_browser,
    item,
    press,
    strike,
)

pytestmark = MARKS
KEEPS_KEYS = "input, textarea, select, canvas, [contenteditable=true], [role=radio], [role=dialog]"
"""What holds the focus and makes something else of a digit, a letter or an arrow."""
FOCUS = """() => {
    if (!document.activeElement.matches('a, button')) return ['', true]
    const style = getComputedStyle(document.activeElement)
    const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
    return [document.activeElement.innerText, ring || style.boxShadow !== 'none']
}"""


def someone(name: str = "ann") -> str:
    return f"{name}-{uuid4().hex[:8]}"


def test_keys_after_the_name_label(version: psycopg.Connection, app: App) -> None:
    ann = someone()

    async def story(browsing: Browsing) -> None:
        page = await browsing.window(viewport={"width": 390, "height": 844})  # a phone, too, gets this far
        await enter(page, f"  {ann} ")
        await press(page, "1")
        await press(page, "2")
        assert await page.locator(KEEPS_KEYS).count() == 0

    in_browser(app, story)
    assert [event[:3] for event in events_of(version, [ann])] == [(ann, "label", 1), (ann, "label", 0)]


def test_a_choice_leaves_the_keys_to_the_post(version: psycopg.Connection, app: App) -> None:
    ann = someone()

    async def story(browsing: Browsing) -> None:
        page = await browsing.session(ann)
        await item(page)
        await choose(page, "overlap")
        await page.wait_for_selector("text=holds nothing more for you")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("1")
        await page.reload()
        await page.wait_for_selector("text=queue overlap")  # neither the arrow nor the reload changed it
        await choose(page, "random")
        await press(page, "1")
        await page.get_by_role("table").click()
        await strike(page, "ArrowLeft", "() => document.body.innerText.includes('You pressed: AI')")
        assert await page.locator(".st-key-work", has_text="queue random").count() == 1
        assert await page.locator(KEEPS_KEYS).count() == 0
        await page.keyboard.press("2")  # an earlier post can't be labelled
        await strike(page, "ArrowRight", "() => !document.body.innerText.includes('You pressed')")
        await page.get_by_role("button", name="Guideline").click()
        await page.wait_for_selector("text=Press 1, AI")
        await press(page, "2")

    in_browser(app, story)
    assert [event[1:3] for event in events_of(version, [ann])] == [("label", 1), ("label", 0)]


def test_an_address_names_nobody(version: psycopg.Connection, app: App) -> None:
    ann, bob = someone(), someone("bob")

    async def story(browsing: Browsing) -> None:
        page = await browsing.session(ann)
        await press(page, "1")
        assert ann not in page.url
        other = await browsing.window(f"/?annotator={ann}&name={ann}&who={ann}")
        await enter(other, bob)
        await press(other, "2")
        await strike(other, "q", "() => document.querySelector('[role=radiogroup]')")
        await other.get_by_role("button", name="Use another name").click()
        await other.get_by_label("Your name").wait_for()
        await other.wait_for_function("name => !document.cookie.includes(name)", arg=bob)
        await other.reload()  # a name that was given up is forgotten
        await other.get_by_label("Your name").wait_for()

    in_browser(app, story)
    assert [event[:3] for event in events_of(version, [ann, bob])] == [(ann, "label", 1), (bob, "label", 0)]


SOCKET = """() => new Promise(done => {
    const socket = new WebSocket(`ws://${location.host}/_stcore/stream`)
    socket.onopen = () => done('open')
    socket.onerror = () => done('refused')
})"""


def test_a_foreign_name_for_this_machine_is_shown_no_post(version: psycopg.Connection, app: App) -> None:
    """DNS rebinding: for the browser the foreign page and the tagger are one site."""
    port = app.url.rpartition(":")[2]

    async def story(browsing: Browsing) -> None:
        page = await browsing.window()
        answer = await page.goto(f"http://evil.example:{port}/")
        assert answer is not None
        assert answer.status == 421
        assert f"'evil.example:{port}'" in await page.locator("body").inner_text()
        asked = "path => fetch(path).then(answer => answer.status)"
        assert [await page.evaluate(asked, path) for path in ("/", "/_stcore/health")] == [421, 421]
        assert await page.evaluate(SOCKET) == "refused"
        await page.goto(f"http://localhost:{port}/")
        assert await page.evaluate(SOCKET) == "open"
        await enter(page, someone())

    in_browser(app, story)


def test_a_key_held_down_labels_once(version: psycopg.Connection, app: App) -> None:
    ann = someone()

    async def story(browsing: Browsing) -> None:
        page = await browsing.session(ann)
        before = await item(page)
        await page.keyboard.down("1")
        after = await item(page, before)  # settled: a press of its own would count
        for _ in range(3):
            await page.keyboard.down("1")  # playwright marks it as a repetition
        await page.keyboard.up("1")
        await page.keyboard.press("c")  # Streamlit's own keys do nothing here
        assert await item(page) == after
        assert await page.locator(KEEPS_KEYS).count() == 0
        await press(page, "Shift+Numpad2")  # with Shift, since the browser here has no NumLock

    in_browser(app, story)
    assert [event[1:3] for event in events_of(version, [ann])] == [("label", 1), ("label", 0)]


def test_two_windows_and_the_back_button_label_what_they_show(version: psycopg.Connection, app: App) -> None:
    ann = someone()

    async def story(browsing: Browsing) -> None:
        page = await browsing.session(ann)
        other = await page.context.new_page()
        await other.goto(app.url)
        assert await item(page) == await item(other)  # one person, who has one post
        await press(page, "1")
        await strike(other, "2", "() => document.body.innerText.includes('this press changed nothing')")
        await other.close()
        await page.get_by_role("link", name="Labels").click()
        await page.get_by_text("By people's labels").wait_for()
        await page.keyboard.press("1")
        await page.go_back()
        await item(page)
        await press(page, "2")

    in_browser(app, story)
    assert [event[1:3] for event in events_of(version, [ann])] == [("label", 1), ("label", 0)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_of_it_by_tab_and_enter(version: psycopg.Connection, app: App, scheme: str) -> None:
    ann = someone()

    async def story(browsing: Browsing) -> None:
        page = await browsing.window(color_scheme=scheme)
        await page.get_by_label("Your name").focus()
        await page.keyboard.type(ann)
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        before = await item(page)
        met: dict[str, bool] = {}
        for _ in range(20):
            await page.keyboard.press("Tab")
            text, ring = await page.evaluate(FOCUS)
            met |= dict.fromkeys(text.split("\n"), ring)
        names = ("Tag", "Labels", "Change", "AI", "Not AI", "Skip", "Flag", "Guideline")
        assert {name: met.get(name) for name in names} == dict.fromkeys(names, True)
        assert [name for name in met if name in names[2:]] == list(names[2:])
        await page.get_by_role("button", name="Not AI Shortcut 2").focus()
        await page.keyboard.press("Enter")
        assert await item(page, before) != before

    in_browser(app, story)
    assert [event[:3] for event in events_of(version, [ann])] == [(ann, "label", 0)]

"""The page To repost, driven by AppTest on a real PostgreSQL; its keys are pressed in a browser elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from streamlit.testing.v1 import AppTest

from include.infra.postgres.connection import connect
from include.infra.processes.ports import free_ports
from include.settings import PROJECT_ROOT, Settings, get_settings
from streamlit_apps import scene
from tests.support.curation import hostile
from tests.support.curation.cleared import clear
from tests.support.curation.feed import payload, stream

pytestmark = pytest.mark.stack
APP = PROJECT_ROOT / "streamlit_apps" / "dashboard" / "navigation.py"


@pytest.fixture
def cards(database: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[psycopg.Connection]:
    """A hostile card and twelve others, one of them without anything but a short link."""
    monkeypatch.setattr(scene, "SETTLED_SECONDS", 0.0)
    with connect(database, autocommit=True) as connection:
        clear(connection)
        posts = [(payload(900, hostile.POST, "https://evil.org/1"), 0.999)]
        posts += [(payload(n, f"paper number {n}", f"https://a.org/{n}"), 0.9) for n in range(11)]
        posts.append((payload(901, "only a short link is known of this https://t.co/abc", lang=None), 0.99))
        stream(database, posts)
        yield connection
        clear(connection)


def opened(curator: str = "ann", **address: str) -> AppTest:
    page = AppTest.from_file(str(APP), default_timeout=60)
    page.session_state["curator"] = curator
    for name, value in address.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def key(page: AppTest, name: str) -> object:
    """A button by its name."""
    return next(button for button in page.button if button.label == name)


def test_nobody_sees_cards_without_a_name(cards: psycopg.Connection) -> None:
    page = AppTest.from_file(str(APP), default_timeout=60).run()
    assert not page.exception
    assert any("Enter your name" in info.value for info in page.info)
    assert cards.execute("SELECT count(*) FROM curation_lease").fetchone() == (0,)


def test_hostile_text_is_markdown_nowhere(cards: psycopg.Connection) -> None:
    page = opened()
    assert not [one for one in [*page.markdown, *page.caption] if "script" in one.value]


def test_keys_of_a_card_without_a_site(cards: psycopg.Connection) -> None:
    page = opened()
    key(page, "Next").click().run()  # type: ignore[attr-defined]
    assert not page.exception
    assert key(page, "Hide site").disabled  # type: ignore[attr-defined]
    assert not key(page, "Hide").disabled  # type: ignore[attr-defined]


def test_deciding_moves_on_and_pages_and_counts_follow(cards: psycopg.Connection) -> None:
    page = opened()
    assert page.text[0].value.startswith("13 to decide · live posts · at least 50 % about AI")
    key(page, "Hide").click().run()  # type: ignore[attr-defined]
    key(page, "Wrong").click().run()  # type: ignore[attr-defined]
    key(page, "Undo").click().run()  # type: ignore[attr-defined]
    key(page, "Later cards").click().run()  # type: ignore[attr-defined]
    assert not page.exception
    done = cards.execute("SELECT action FROM curation_event ORDER BY id").fetchall()
    assert [action for (action,) in done] == ["hide", "wrong", "undo"]
    assert opened(state="hidden").text[0].value.startswith("1 hidden")
    assert opened(q="number 7").text[0].value.startswith("1 to decide")


def test_an_empty_filter_says_what_to_do(cards: psycopg.Connection) -> None:
    assert any("Filter (F)" in info.value for info in opened(q="nowhere").info)


def test_a_database_that_is_down_is_said(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWEETSIEVE_POSTGRES_PORT", str(free_ports(1)[0]))
    get_settings.cache_clear()
    try:
        page = opened()
        assert any("does not answer" in error.value for error in page.error)
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()

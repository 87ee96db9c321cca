"""The tagger page, driven by streamlit's AppTest on a real PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from streamlit.testing.v1 import AppTest

from include.database import connect
from include.local_stack.ports import free_ports
from include.settings import PROJECT_ROOT, Settings, get_settings
from tests.unit.golden.version_of_posts import build, drop

pytestmark = pytest.mark.stack
VERSION = 930_001
APP = PROJECT_ROOT / "streamlit_apps" / "tagger" / "app.py"
HOSTILE = "<script>alert(1)</script> **bold** :red[x] $a$ AI {tag}"


@pytest.fixture
def version(database: Settings) -> Iterator[psycopg.Connection]:
    tag = uuid4().hex
    with connect(database, autocommit=True) as connection:
        links = ["https://example.org/a_b", "javascript:alert(1)"]
        posts = {"test": [HOSTILE.format(tag=tag), f"second {tag}", f"third {tag}"]}
        build(connection, VERSION, posts, links=links, keywords=["AI"], lang="en", is_retweet=True)
        connection.execute("DELETE FROM labelling_lease")
        yield connection
        drop(connection, VERSION)


def opened(annotator: str | None = None) -> AppTest:
    page = AppTest.from_file(str(APP), default_timeout=30)
    page.run()
    if annotator:
        page.text_input(key="annotator").set_value(annotator).run()
        page.selectbox(key="version").set_value(VERSION).run()
    assert not page.exception
    return page


def button(page: AppTest, shortcut: str):
    return next(one for one in page.button if one.proto.shortcut == shortcut)


def someone() -> str:
    return f"annotator {uuid4().hex[:8]}"


def labels(connection: psycopg.Connection, annotator: str) -> list[tuple[str, int | None]]:
    query = "SELECT action, label FROM label_event WHERE annotator = %s ORDER BY id"
    return connection.execute(query, [annotator]).fetchall()


def test_a_name_is_asked_for_first(version: psycopg.Connection) -> None:
    page = opened()
    assert "name" in page.info[0].value
    assert not page.button


def test_keys_label_skip_flag_and_undo(version: psycopg.Connection) -> None:
    ann = someone()
    page = opened(ann)
    assert {one.proto.shortcut for one in page.button} >= {"1", "2", "s", "f", "z", "g"}
    button(page, "1").click().run()
    button(page, "s").click().run()
    button(page, "z").click().run()
    button(page, "2").click().run()
    assert labels(version, ann) == [("label", 1), ("skip", None), ("undo", None), ("label", 0)]
    assert page.metric[0].value == "2"
    assert not page.exception


def test_a_key_belongs_to_its_post(version: psycopg.Connection) -> None:
    page = opened(someone())
    before = button(page, "1").key
    button(page, "1").click().run()
    assert button(page, "1").key != before


def test_a_double_press_labels_once(version: psycopg.Connection) -> None:
    ann = someone()
    first, second = opened(ann), opened(ann)  # one annotator, two windows, the same post
    assert button(first, "1").key == button(second, "1").key
    button(first, "1").click().run()
    button(second, "2").click().run()
    assert labels(version, ann) == [("label", 1)]
    assert not second.exception


def test_undo_works_after_a_reload(version: psycopg.Connection) -> None:
    ann = someone()
    button(opened(ann), "1").click().run()
    button(opened(ann), "z").click().run()
    assert labels(version, ann) == [("label", 1), ("undo", None)]


def test_the_text_of_a_post_is_only_text(version: psycopg.Connection) -> None:
    ann = someone()
    page = opened(ann)
    for _ in range(3):
        if "<script>" in page.text[0].value:
            break
        button(page, "s").click().run()
    assert "<script>alert(1)</script> **bold** :red[x] $a$ ⟦AI⟧" in page.text[0].value
    assert "language en · retweet" in page.text[1].value
    assert not any("<script>" in shown.value for shown in page.markdown)
    links = [one.proto.url for one in page.get("link_button")]
    assert links == ["https://example.org/a_b"]


def test_the_guideline_opens_and_closes(version: psycopg.Connection) -> None:
    page = opened(someone())
    button(page, "g").click().run()
    assert "data science" in page.info[0].value
    button(page, "g").click().run()
    assert not page.info


def test_an_empty_queue_says_so_and_still_undoes(version: psycopg.Connection) -> None:
    ann = someone()
    page = opened(ann)
    for _ in range(3):
        button(page, "1").click().run()
    assert "nothing more" in page.success[0].value
    button(page, "z").click().run()
    assert labels(version, ann)[-1] == ("undo", None)
    assert button(page, "1")


def test_the_next_post_is_there_quickly(version: psycopg.Connection) -> None:
    page = opened(someone())
    took = []
    for _ in range(3):
        start = time.perf_counter()
        button(page, "s").click().run()
        took.append(time.perf_counter() - start)
    assert sorted(took)[1] < 1.0  # far above what it takes, for a busy machine


def test_no_database_says_what_to_do(database: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWEETSIEVE_POSTGRES_PORT", str(free_ports(1)[0]))
    get_settings.cache_clear()
    try:
        page = AppTest.from_file(str(APP), default_timeout=30).run()
        assert "make up" in page.error[0].value
        assert not page.exception
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()

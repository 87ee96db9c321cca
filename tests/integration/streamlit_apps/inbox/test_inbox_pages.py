"""The page of emotional messages, driven by streamlit's AppTest on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from streamlit.testing.v1 import AppTest

from include.infra.postgres.connection import connect
from include.settings import PROJECT_ROOT, Settings, get_settings
from include.streaming.evidence import Evidence, Finding
from include.streaming.state.share_evidence import store_evidence
from tests.integration.streaming.conftest import own_database
from tests.support.sentiment.cases import add, empty_tables
from tests.support.sentiment.measured import MEASURED

pytestmark = pytest.mark.stack

APP = PROJECT_ROOT / "streamlit_apps" / "inbox"
HOSTILE = "<script>alert(1)</script> **WORST** :red[x] $a$ ![i](http://x.example/y) \u202eevil"


@pytest.fixture
def rows(database: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[psycopg.Connection]:
    """The page's own database, with a calm message and two emotional ones."""
    own = own_database(database, "inbox_test", "inbox")
    monkeypatch.setenv("TWEETSIEVE_POSTGRES_DATABASE", own.postgres_database)
    get_settings.cache_clear()
    with connect(own, autocommit=True) as connection:
        empty_tables(connection)
        add(connection, ("calm", 0.1, 0.0), (HOSTILE, -0.95, 0.7), ("second", 0.9, 0.0))
        yield connection
    monkeypatch.undo()
    get_settings.cache_clear()


def opened(script: str = "navigation.py") -> AppTest:
    page = AppTest.from_file(str(APP / script), default_timeout=30).run()
    assert not page.exception
    return page


def signed_in() -> AppTest:
    page = opened()
    page.text_input(key="name").set_value("Ann")
    page.button(key="begin").click().run()
    assert not page.exception
    return page


def waiting(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def pressed(page: AppTest, prefix: str) -> AppTest:
    (button,) = [one for one in page.button if str(one.key).startswith(prefix)]
    page = button.click().run()
    assert not page.exception
    return page


def test_a_person_takes_answers_and_releases(rows: psycopg.Connection) -> None:
    page = signed_in()
    assert (waiting(page)["Waiting"], waiting(page)["With somebody"]) == ("2", "0")
    page = pressed(page, "take")
    assert waiting(page)["With somebody"] == "1"
    (area,) = page.text_area
    area.set_value("We are sorry.")
    page.selectbox[0].select(-4)
    page = pressed(page, "send_")
    assert (waiting(page)["Waiting"], waiting(page)["Answered"]) == ("1", "1")
    page = pressed(pressed(page, "take"), "release_")
    assert (waiting(page)["Waiting"], waiting(page)["With somebody"]) == ("1", "0")
    done = "SELECT action, answer, rating FROM sentiment_case_event WHERE person = 'Ann' ORDER BY id DESC"
    assert rows.execute(done).fetchmany(4)[::-1] == [
        ("take", None, None), ("answer", "We are sorry.", -4), ("take", None, None), ("release", None, None),
    ]  # fmt: skip


def test_a_hostile_message_is_shown_as_it_stands(rows: psycopg.Connection) -> None:
    page = pressed(signed_in(), "take")
    text = "".join(str(getattr(one.proto, "body", "")) for one in page.get("html"))
    assert "&lt;script&gt;alert(1)&lt;/script&gt; **WORST** :red[x]" in text
    assert "<script>alert" not in text
    assert "\u202e" not in text
    assert not any("WORST" in one.value for one in page.markdown)


def test_an_empty_answer_is_refused_and_told(rows: psycopg.Connection) -> None:
    page = pressed(pressed(signed_in(), "take"), "send_")
    assert "an answer has 1 to" in page.warning[0].value
    assert waiting(page)["With somebody"] == "1"


def test_the_versions_are_compared(rows: psycopg.Connection) -> None:
    found = Evidence((Finding("agreement", True, "97.0%"), Finding("shift", False, HOSTILE)), MEASURED)
    store_evidence(rows, "sentiment", "version_b", found)
    page = AppTest.from_string(
        "from streamlit_apps.inbox import versions_page\nversions_page.page()", default_timeout=30
    ).run()
    assert not page.exception
    assert {metric.label: metric.value for metric in page.metric} == {"version_a": "80%", "version_b": "20%"}
    requirements, both = (table.value for table in page.table)
    assert requirements[""].tolist() == ["✅", "❌"]
    assert "0.878 (0.871 to 0.885)" in both["nltk"].tolist()
    assert any("did not pass" in one.value for one in page.markdown)


def test_before_the_streams_first_start_the_page_says_what_to_run(
    database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_database(database, "inbox_empty", "inbox_empty")
    monkeypatch.setenv("TWEETSIEVE_POSTGRES_DATABASE", "inbox_empty")
    get_settings.cache_clear()
    page = opened()
    assert "run the DAG stream" in page.info[0].value.replace("\\", "")
    monkeypatch.undo()
    get_settings.cache_clear()

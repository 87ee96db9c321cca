"""The dashboard page, driven by streamlit's AppTest on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from streamlit.testing.v1 import AppTest

from include.infra.postgres.connection import connect
from include.infra.processes.ports import free_ports
from include.settings import PROJECT_ROOT, Settings, get_settings
from include.streaming.state.progress import Progress

pytestmark = pytest.mark.stack
APP = PROJECT_ROOT / "streamlit_apps" / "dashboard" / "navigation.py"
HOSTILE = "<script>alert(1)</script> **bold** :red[x] $a$ ![i](http://x.example/y)"
TOPIC = "dashboard_page_test"


@pytest.fixture
def posts(database: Settings) -> Iterator[psycopg.Connection]:
    """Sixty posts with links; the first is hostile, the last two have low probability or no link."""
    with connect(database, autocommit=True) as connection:
        connection.execute("TRUNCATE ai_tweets, links, dead_letter, stream_progress")
        now = datetime.now(UTC)
        for number in range(60):
            connection.execute(
                "INSERT INTO ai_tweets VALUES (%s, 0, %s, %s, NULL, %s, %s, %s, '{}', %s, 5, %s)",
                [
                    TOPIC, number, str(number), "en" if number % 2 else "ja",
                    HOSTILE if number == 0 else f"post {number}",
                    [] if number == 59 else [f"https://a.example/{number}"],
                    0.2 if number == 58 else 0.9, now - timedelta(seconds=number),
                ],
            )  # fmt: skip
        connection.execute("INSERT INTO links VALUES ('https://a.example/0', 'a.example', now(), now(), 1)")
        connection.execute(
            "INSERT INTO dead_letter (workload, topic, kafka_partition, kafka_offset, stage, reason)"
            " VALUES ('ai_tweets', %s, 0, 99, 'parse', 'not JSON')", [TOPIC]
        )  # fmt: skip
        Progress("ai_tweets", "q", "r", 3, lag=17).write(connection)
        yield connection
        connection.execute("TRUNCATE ai_tweets, links, dead_letter, stream_progress")


def opened() -> AppTest:
    page = AppTest.from_file(str(APP), default_timeout=30).run()
    assert not page.exception
    page.switch_page("posts_page.py").run()
    assert not page.exception
    return page


def texts(page: AppTest) -> list[str]:
    return page.dataframe[0].value["text"].tolist()


def metrics(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def test_posts_health_domains_and_dead_letters_are_shown(posts: psycopg.Connection) -> None:
    page = opened()
    shown = metrics(page)
    assert (shown["Behind Kafka by"], shown["Model version"], shown["Dead letters"]) == ("17", "5", "1")
    assert texts(page)[0] == HOSTILE
    assert len(texts(page)) == 50
    assert page.dataframe[0].value["link"][0] == "https://a.example/0"
    assert page.dataframe[1].value["domain"].tolist() == ["a.example"]
    assert page.dataframe[2].value["reason"].tolist() == ["not JSON"]


def test_what_a_reader_downloads_of_a_table_holds_no_formula(posts: psycopg.Connection) -> None:
    posts.execute("UPDATE ai_tweets SET text = %s, links = %s WHERE id = '0'",
                  [" ＝HYPERLINK(1)", ["https://a.example/\u202egpj.exe"]])  # fmt: skip
    posts.execute("UPDATE dead_letter SET reason = '@SUM(1)'")
    page = opened()
    assert texts(page)[0] == "' ＝HYPERLINK(1)"
    assert page.dataframe[0].value["link"][0] == "https://a.example/%E2%80%AEgpj.exe"
    assert page.dataframe[0].value["probability"].dtype == float
    assert "'@SUM(1)" in page.dataframe[-1].value["reason"].tolist()


def test_hostile_text_is_nowhere_but_in_a_cell(posts: psycopg.Connection) -> None:
    page = opened()
    assert not [element for element in page.markdown if "script" in element.value]
    assert not [element for element in page.markdown if element.allow_html]


def test_filters_and_pages(posts: psycopg.Connection) -> None:
    page = opened()
    page.button(key="next").click().run()
    assert texts(page) == [f"post {number}" for number in range(50, 58)]
    page.slider(key="threshold").set_value(0.1).run()
    assert texts(page)[0] == HOSTILE
    page.toggle(key="links_only").set_value(False).run()
    page.button(key="next").click().run()
    assert texts(page)[-1] == "post 59"
    page.selectbox(key="lang").set_value("ja").run()
    assert texts(page) == [HOSTILE, *(f"post {number}" for number in range(2, 60, 2))]
    page.text_input(key="search").set_value("%").run()
    assert any("No post fits" in info.value for info in page.info)


def test_an_empty_database_says_what_to_run(posts: psycopg.Connection) -> None:
    posts.execute("TRUNCATE ai_tweets, links, dead_letter, stream_progress")
    page = opened()
    assert any("stream_classifier" in info.value for info in page.info)


def test_a_silent_stream_is_not_passed_off_as_current(posts: psycopg.Connection) -> None:
    posts.execute("UPDATE stream_progress SET created_at = now() - interval '10 minutes'")
    assert any("not current" in error.value for error in opened().error)


def test_a_database_that_is_down_is_said(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWEETSIEVE_POSTGRES_PORT", str(free_ports(1)[0]))
    get_settings.cache_clear()
    try:
        page = opened()
        assert any("does not answer" in error.value for error in page.error)
        assert any("make up" in info.value for info in page.info)
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()

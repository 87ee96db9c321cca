"""The dashboard's queries against a real Postgres."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from include.dashboard.health import stream_health
from include.dashboard.posts import Filter, find_posts, languages, table_rows
from include.dashboard.read_only import CannotShow, ReadOnlyConnection, read_only_connection
from include.dashboard.trends import dead_letter_reasons, top_domains
from include.infra.processes.ports import free_ports
from include.settings import Settings
from include.streaming.state.commits import Reached, write_commit
from include.streaming.state.progress import Progress

pytestmark = pytest.mark.stack

NOW = datetime.now(UTC)


@pytest.fixture
def reader(connection: psycopg.Connection) -> ReadOnlyConnection:
    """A connection whose rows are undone at the end; nothing else is in the tables it looks at."""
    connection.execute("TRUNCATE ai_tweets, links, dead_letter, stream_commit, stream_progress")
    made: Any = connection
    made.row_factory = dict_row
    return made


def add(reader: ReadOnlyConnection, number: int, **values: Any) -> None:
    row = {
        "topic": "t", "kafka_partition": 0, "kafka_offset": number, "id": str(number),
        "lang": "en", "text": f"post {number}",
        "links": [f"https://a.example/{number}"], "hashtags": [], "probability": 0.9,
        "model_version": 2, "arrived_at": NOW - timedelta(seconds=number), **values,
    }  # fmt: skip
    names = ", ".join(row)
    marks = ", ".join(f"%({name})s" for name in row)
    reader.execute(f"INSERT INTO ai_tweets ({names}) VALUES ({marks})", row)  # noqa: S608


def ids(reader: ReadOnlyConnection, **wanted: Any) -> list[str]:
    return [post["id"] for post in find_posts(reader, Filter(**wanted)).posts]


def test_a_post_of_ten_thousand_links_and_a_megabyte_costs_a_page_no_more_than_others(
    reader: ReadOnlyConnection,
) -> None:
    links = [f"https://e.org/{number}" for number in range(10_000)]
    for number in range(50):
        add(reader, number, links=links, text="AI " * 333_333)
    page = find_posts(reader, Filter(search="ai"), limit=50)
    assert len(page.posts) == 50
    assert len(str(page)) < 50 * 8_000
    (row, *_) = table_rows(page.posts)
    assert row["more_links"][-1] == "and 9,980 more"
    assert row["text"].endswith("and 994,999 more characters")
    reader.execute(
        "INSERT INTO links SELECT 'https://e.org/' || n, 'e.org', now(), now(), 1"
        " FROM generate_series(0, 9999) n"
    )
    (domain,) = top_domains(reader, 0.5)
    assert (domain["links"], domain["posts"]) == (100, 5_000)


def test_filters(reader: ReadOnlyConnection) -> None:
    add(reader, 1)
    add(reader, 2, probability=0.4)
    add(reader, 3, links=[])
    add(reader, 4, lang="ja", text="日本 100% AI")
    add(reader, 5, lang=None, text="100 AI")
    assert ids(reader) == ["1", "4", "5"]
    assert ids(reader, threshold=0.0) == ["1", "2", "4", "5"]
    assert ids(reader, links_only=False) == ["1", "3", "4", "5"]
    assert ids(reader, lang="ja") == ["4"]
    assert ids(reader, search="ai") == ["4", "5"]
    assert languages(reader) == ["en", "ja"]


@pytest.mark.parametrize("search", ["100%", "%", "_", "\\", "'; DROP TABLE ai_tweets; --", "\x00100%"])
def test_a_search_is_text_not_a_pattern(reader: ReadOnlyConnection, search: str) -> None:
    add(reader, 1, text="100% sure")
    add(reader, 2, text="1000 of them")
    assert ids(reader, search=search) == (["1"] if "%" in search else [])


@pytest.mark.parametrize("order", ["newest", "most likely"])
def test_pages_show_each_post_once_in_order(reader: ReadOnlyConnection, order: Any) -> None:
    for number in range(25):
        add(
            reader, number, probability=0.5 + number % 5 / 10, arrived_at=NOW - timedelta(seconds=number // 4)
        )
    wanted, seen, after = Filter(order=order), [], None
    while True:
        page = find_posts(reader, wanted, limit=7, after=after)
        seen += page.posts
        after = page.after
        if after is None:
            break
    assert len({post["id"] for post in seen}) == len(seen) == 25
    key = "arrived_at" if order == "newest" else "probability"
    assert [post[key] for post in seen] == sorted((post[key] for post in seen), reverse=True)


def test_health_of_a_stream_that_never_ran(reader: ReadOnlyConnection) -> None:
    health = stream_health(reader, "w")
    assert (health.state, health.freshness, health.lag, health.posts_per_minute) == (
        "never ran",
        None,
        None,
        0,
    )


def test_health_of_a_running_stream(reader: ReadOnlyConnection) -> None:
    add(reader, 1, model_version=4)
    write_commit(reader, "w", "q", 0, Reached({"t": {0: 2}}), {"rows": 30})  # type: ignore[arg-type]
    Progress("w", "q", "r", 0, lag=12).write(reader)  # type: ignore[arg-type]
    health = stream_health(reader, "w")
    assert (health.state, health.lag, health.posts_per_minute, health.model_version) == ("running", 12, 30, 4)
    assert health.freshness is not None
    assert health.freshness < 60


def test_top_domains_and_reasons(reader: ReadOnlyConnection) -> None:
    for number in range(3):
        add(reader, number, links=["https://a.example/1", f"https://b.example/{number}"][: 1 + number % 2])
    add(reader, 9, probability=0.1, links=["https://c.example/"])
    for link in ("https://a.example/1", "https://b.example/1", "https://c.example/"):
        domain = link.split("/")[2]
        reader.execute("INSERT INTO links VALUES (%s, %s, now(), now(), 1)", [link, domain])
    found = [(row["domain"], row["posts"], row["links"]) for row in top_domains(reader, 0.5)]
    assert found == [("a.example", 3, 1), ("b.example", 1, 1)]
    reader.execute(
        "INSERT INTO dead_letter (workload, topic, kafka_partition, kafka_offset, stage, reason, replayed_at)"
        " VALUES ('w', 't', 0, 1, 'parse', 'not JSON', NULL), ('w', 't', 0, 2, 'parse', 'not JSON', NULL),"
        " ('w', 't', 0, 3, 'score', 'no', now())"
    )
    assert [(row["reason"], row["messages"]) for row in dead_letter_reasons(reader)] == [("not JSON", 2)]


def test_a_database_that_is_down_is_said_with_the_next_step(settings: Settings) -> None:
    down = settings.model_copy(update={"postgres_port": free_ports(1)[0]})
    with (
        pytest.raises(CannotShow, match=rf"{down.postgres_port} does not answer.*make up"),
        read_only_connection(down),
    ):
        pass


def test_a_missing_table_names_the_dag(database: Settings) -> None:
    with pytest.raises(CannotShow, match="stream_classifier"), read_only_connection(database) as reader:
        reader.execute("SELECT * FROM no_such_table")


def test_pages_only_read(database: Settings) -> None:
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), read_only_connection(database) as reader:
        reader.execute("DELETE FROM links")

"""The page on physics events, driven by streamlit's AppTest on a real PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from include.infra.postgres.connection import connect
from include.settings import PROJECT_ROOT, Settings

pytestmark = pytest.mark.stack
PAGE = PROJECT_ROOT / "streamlit_apps" / "dashboard" / "higgs_page.py"


@pytest.fixture
def batches(database: Settings) -> Iterator[None]:
    """Two batches ten seconds apart, a drain's empty one, and a dead letter."""
    with connect(database) as connection:
        for number, (events, signal) in enumerate([(100, 30), (200, 80), (0, 0)]):
            connection.execute(
                "INSERT INTO stream_commit (workload, query_id, batch_id, end_offsets, topic_ids, posts,"
                " dead_letters, counts, committed_at) VALUES ('higgs', 'page', %s, '{}', '{}', %s, 0, %s,"
                " timestamptz '2026-01-01 12:00:00Z' + %s * interval '10 seconds')",
                [number, events, json.dumps({"signal": signal, "background": events - signal}), number],
            )
        connection.execute(
            "INSERT INTO dead_letter (workload, topic, kafka_partition, kafka_offset, stage, reason, value)"
            " VALUES ('higgs', 'page', 0, 1, 'parse', 'PRI_met is missing', '\\x00')"
        )
    yield
    with connect(database) as connection:
        connection.execute("DELETE FROM stream_commit WHERE query_id = 'page'")
        connection.execute("DELETE FROM dead_letter WHERE topic = 'page'")


def charts(page: AppTest) -> list[dict[str, Any]]:
    return [json.loads(chart.proto.spec) for chart in page.get("vega_lite_chart")]


def test_the_latest_batch_and_its_share_of_signal_are_shown(batches: None) -> None:
    page = AppTest.from_file(str(PAGE), default_timeout=60).run()
    assert not page.exception
    shown = {one.label: one.value for one in page.metric}
    assert shown["Events of the latest batch"] == "200"
    assert (shown["Signal"], shown["Share of signal"], shown["Rate"]) == ("80", "40.0%", "20 /s")
    for chart in charts(page):
        assert "UTC" in chart["encoding"]["x"]["title"]
        assert "(" in chart["encoding"]["y"]["title"], "the unit"
    assert page.dataframe[0].value["reason"].tolist() == ["PRI_met is missing"]


def test_without_an_event_it_says_what_to_do(database: Settings) -> None:
    page = AppTest.from_file(str(PAGE), default_timeout=60).run()
    assert not page.exception
    assert "make demo WORKLOAD=higgs" in page.info[0].value

"""The page on operations, driven by streamlit's AppTest on a real PostgreSQL."""

from __future__ import annotations

import os

import psycopg
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from include.housekeeping.__main__ import main
from include.housekeeping.inventory import inventory
from include.housekeeping.keep_house import every_kind
from include.settings import PROJECT_ROOT, Settings

pytestmark = pytest.mark.stack
PAGE = PROJECT_ROOT / "streamlit_apps" / "dashboard" / "operations_page.py"


def test_everything_that_grows_is_there_with_its_limit(
    database: Settings, connection: psycopg.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    aside = database.state_dir / "checkpoints" / "ai_tweets" / "v1.aside-20260101T000000"
    aside.mkdir(parents=True, exist_ok=True)
    (aside / "offsets").write_bytes(os.urandom(3_000_000))
    st.cache_data.clear()
    page = AppTest.from_file(str(PAGE), default_timeout=60).run()
    assert not page.exception
    table = page.dataframe[0].value.set_index("name")
    assert {kind.name for kind in every_kind(database)} < set(table.index)
    assert {"messages of ai_tweets_topic", "files of the servers' logs", "backups"} < set(table.index)
    assert table.loc["checkpoints put aside", "megabytes"] >= 3.0
    assert table.loc["checkpoints put aside", "count"] >= 1
    assert table.loc["links", ["limit", "setting"]].tolist() == ["365 days", "TWEETSIEVE_KEEP_LINKS_DAYS"]
    assert table.loc["messages of ai_tweets_topic", "setting"] == "TWEETSIEVE_KAFKA_RETENTION_HOURS"
    assert main(["--sizes"]) == 0
    printed = capsys.readouterr().out
    assert all(one.name in printed for one in inventory(database))


def test_what_can_not_be_looked_at_hides_nothing_else(database: Settings) -> None:
    away = database.model_copy(
        update={"kafka_bootstrap_servers": "127.0.0.1:1", "airflow_database": "nowhere"}
    )
    found = {one.name: one for one in inventory(away)}
    assert "127.0.0.1:1" in found["messages of ai_tweets_topic"].problem
    assert found["messages of ai_tweets_topic"].count is None
    assert found["links"].problem == ""

"""The split: sizes, whole groups, the same every time; and how an application ends."""

# ruff: noqa: S608 - statements of table names that the tests chose
from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from pyspark.sql import SparkSession

from include.datasets.dedup.deduplicate import deduplicate
from include.datasets.export.fingerprint import table_fingerprint
from include.datasets.raw_rows import COLUMNS
from include.datasets.splitting.split import split
from include.infra.postgres.connection import connect
from include.infra.postgres.copy_rows import copy_rows
from include.posts.text import text_hash
from include.schema.dataset_tables import MissingTable, VersionTables, create_deduplicated
from include.settings import PROJECT_ROOT, Settings
from tests.spark.conftest import NOW, MakeRaw

pytestmark = [pytest.mark.spark, pytest.mark.stack]


def make_deduplicated(settings: Settings, version: int, group_sizes: list[int]) -> None:
    table = VersionTables.of(version, settings).deduplicated
    names = [f"{group:032x}" for group, size in enumerate(group_sizes) for _ in range(size)]
    place = ("mix_tweets_topic", 0)
    rest: tuple[object, ...] = (NOW, None, "plain", None, "text", [], [], [], [], False, NOW)
    with connect(settings) as connection:
        create_deduplicated(connection, table)
        rows = ((*place, n, str(n), *rest, f"hash {n}", name) for n, name in enumerate(names))
        copy_rows(connection, table, (*COLUMNS, "text_hash", "near_duplicate_group"), rows)


def prints(settings: Settings, version: int) -> dict[str, tuple[int, str]]:
    with connect(settings) as connection:
        splits = VersionTables.of(version, settings).splits
        return {name: table_fingerprint(connection, table) for name, table in splits.items()}


def assert_whole(settings: Settings, version: int) -> None:
    """No group, and no post, is in two splits, and no post is lost."""
    tables = VersionTables.of(version, settings)
    both = " UNION ALL ".join(
        f"SELECT '{name}' AS split, id, near_duplicate_group AS g FROM {table}"
        for name, table in tables.splits.items()
    )
    with connect(settings) as connection:
        straddling = f"SELECT g FROM ({both}) AS s GROUP BY g HAVING count(DISTINCT split) > 1"
        assert connection.execute(straddling).fetchall() == []
        ids = f"SELECT array_agg(id ORDER BY id) FROM ({both}) AS s"
        before = f"SELECT array_agg(id ORDER BY id) FROM {tables.deduplicated}"
        assert connection.execute(ids).fetchone() == connection.execute(before).fetchone()


def test_full_sizes_are_exact(spark: SparkSession, database: Settings) -> None:
    chance = random.Random(1)
    make_deduplicated(database, 500, [chance.choice([1, 1, 1, 1, 2, 3, 9]) for _ in range(13_000)] + [700])
    summary = split(spark, 500, database)
    assert not summary["scaled"]
    assert {k: v for k, v in summary["rows"].items() if k != "train"} == {
        "test": 1000,
        "dev": 500,
        "snorkel_train": 10_000,
    }
    assert_whole(database, 500)


def test_small_data_scale_down_and_say_so(
    spark: SparkSession, database: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    make_deduplicated(database, 501, [1] * 2300)
    with caplog.at_level("INFO"):
        summary = split(spark, 501, database)
    assert summary["rows"] == {"test": 100, "dev": 50, "snorkel_train": 1000, "train": 1150}
    assert "2,300 unique posts are less than 23,000: split scaled down to test 100" in caplog.text


@pytest.mark.parametrize(("version", "sizes"), [(502, [2] * 600), (503, [5000, 1, 1]), (504, []), (505, [1])])
def test_odd_groups_stay_whole(
    spark: SparkSession, database: Settings, version: int, sizes: list[int]
) -> None:
    make_deduplicated(database, version, sizes)
    summary = split(spark, version, database)
    assert sum(summary["rows"].values()) == sum(sizes)
    for name, wanted in summary["wanted"].items():
        assert 0 <= wanted - summary["rows"][name] <= max(sizes, default=0)
    assert_whole(database, version)


def test_same_seed_same_split(spark: SparkSession, database: Settings) -> None:
    make_deduplicated(database, 506, [1, 2, 3] * 400)
    split(spark, 506, database)
    first = prints(database, 506)
    split(spark, 506, database)
    assert prints(database, 506) == first
    split(spark, 506, database.model_copy(update={"split_seed": 1}))
    assert prints(database, 506)["test"] != first["test"]


def test_a_failure_leaves_all_four_tables(spark: SparkSession, database: Settings) -> None:
    make_deduplicated(database, 507, [1] * 100)
    split(spark, 507, database)
    before = prints(database, 507)
    train = VersionTables.of(507, database).split("train")
    with connect(database) as connection:
        connection.execute(f"CREATE VIEW leans_on_train AS SELECT * FROM {train}")
    with pytest.raises(psycopg.errors.DependentObjectsStillExist):
        split(spark, 507, database.model_copy(update={"split_seed": 1}))
    assert prints(database, 507) == before
    with connect(database) as connection:
        connection.execute("DROP VIEW leans_on_train")


def test_real_texts(
    spark: SparkSession, database: Settings, make_raw: MakeRaw, real_texts: list[tuple[str, str]]
) -> None:
    version = make_raw(real_texts)
    deduplicated = deduplicate(spark, version, database)
    assert deduplicated["rows"] == len({text_hash(text) for _, text in real_texts})
    assert 50 <= deduplicated["near_duplicate_groups"] <= 500
    assert deduplicated["biggest_group"] < 50
    assert len(donations(database, version)) == 1

    summary = split(spark, version, database)
    assert sum(summary["rows"].values()) == deduplicated["rows"]
    assert {name: summary["rows"][name] for name in summary["wanted"]} == summary["wanted"]
    assert_whole(database, version)


def donations(settings: Settings, version: int) -> set[str]:
    """Groups of a campaign of which many texts differ in a number only."""
    with connect(settings) as connection:
        query = (
            f"SELECT near_duplicate_group FROM {VersionTables.of(version, settings).deduplicated} "
            "WHERE text LIKE 'Supporting humanitarian scientific research%I donated%days of my computer%'"
        )
        found = connection.execute(query).fetchall()
    assert len(found) > 2
    return {group for (group,) in found}


def test_no_deduplicated_table_names_the_dag(spark: SparkSession, database: Settings) -> None:
    with pytest.raises(
        MissingTable, match="deduplicated_raw_tweet_dataset_997 is missing: run the DAG build_dataset"
    ):
        split(spark, 997, database)


def submit(settings: Settings, app: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    from include.infra.spark.environment import spark_environment
    from include.infra.spark.jars import spark_jars

    jars = ",".join(str(jar) for jar in spark_jars(settings))
    program = Path(sys.executable).with_name("spark-submit")
    command = [str(program), "--master", "local[2]", "--conf", "spark.ui.enabled=false", "--jars", jars]
    return subprocess.run(
        [*command, str(PROJECT_ROOT / "spark_apps" / app), *arguments],
        env={**os.environ, **spark_environment(settings)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def test_submitted_application_ends_with_its_summary(database: Settings) -> None:
    make_deduplicated(database, 508, [1] * 46)
    done = submit(database, "split.py", "--version", "508")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout.splitlines()[-1])
    assert summary["application"] == "split"
    assert summary["rows"] == {"test": 2, "dev": 1, "snorkel_train": 20, "train": 23}


def test_submitted_application_ends_in_one_clear_line(database: Settings) -> None:
    done = submit(database, "deduplicate.py", "--version", "996")
    assert done.returncode == 2
    last = done.stdout.splitlines()[-1]  # spark-submit joins a Python driver's two streams
    assert (
        last
        == "error: table raw_tweet_dataset_996 is missing: run the DAG collect_tweets for this version first"
    )
    assert "Traceback" not in done.stdout + done.stderr

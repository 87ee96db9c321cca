"""Deduplication: exact, then groups of near-duplicates."""

# ruff: noqa: S608 - statements of table names that the tests chose
from __future__ import annotations

import itertools
import random
from collections import Counter
from datetime import timedelta

import pytest
from pyspark.sql import SparkSession

from include.datasets.dedup.components import connected_components
from include.datasets.dedup.deduplicate import deduplicate
from include.datasets.export.fingerprint import table_fingerprint
from include.infra.postgres.connection import connect
from include.posts.text import text_hash
from include.schema.dataset_tables import MissingTable, VersionTables
from include.settings import Settings
from tests.spark.conftest import NOW, MakeRaw

pytestmark = [pytest.mark.spark, pytest.mark.stack]

LONG = "the european commission publishes its first white paper on artificial intelligence today in brussels"


def groups(settings: Settings, version: int) -> dict[str, str]:
    """Group by post id."""
    table = VersionTables.of(version, settings).deduplicated
    with connect(settings) as connection:
        query = f"SELECT id, near_duplicate_group FROM {table}"
        return dict(connection.execute(query).fetchall())


def test_copies_of_a_text_leave_the_earliest(
    spark: SparkSession, database: Settings, make_raw: MakeRaw
) -> None:
    version = make_raw(
        [
            ("10", f"RT @someone: {LONG.upper()}!! https://t.co/abcdefghij", NOW),
            ("9", LONG, NOW),  # the same second: the smaller number, not the smaller string
            ("1", LONG, NOW + timedelta(days=1)),
            ("2", f"{LONG} https://t.co/zzzzzzzzzz", None),
            ("b", "an edited post, as it was at first", NOW),
            ("b", "an edited post, as it is now after some thought", NOW + timedelta(seconds=1)),
            ("c", "an edited post, as it is now after some thought", NOW + timedelta(days=2)),
        ]
    )
    summary = deduplicate(spark, version, database)
    assert set(groups(database, version)) == {"9", "b", "c"}
    assert (summary["rows_in"], summary["rows"]) == (7, 3)


def test_near_duplicates_share_a_group(spark: SparkSession, database: Settings, make_raw: MakeRaw) -> None:
    texts = {
        "a": LONG,
        "b": LONG.replace("today", "tonight"),
        "c": LONG.replace("in brussels", "at last"),
        "other": "a walk in the park with the dog and then some coffee with friends from the old days",
        "short 1": "good morning",
        "short 2": "good morning all",
        "short 3": "good morning to all",
    }
    version = make_raw(texts.items())
    deduplicate(spark, version, database)
    found = groups(database, version)
    assert found["a"] == found["b"] == found["c"] == min(text_hash(texts[name]) for name in "abc")
    assert len(set(found.values())) == len(texts) - 2
    assert found["other"] == text_hash(texts["other"])


def test_one_huge_bucket_becomes_one_group(
    spark: SparkSession, database: Settings, make_raw: MakeRaw
) -> None:
    version = make_raw((str(n), f"{LONG} and number {n} of them says so") for n in range(3000))
    summary = deduplicate(spark, version, database)
    assert (summary["rows"], summary["near_duplicate_groups"]) == (3000, 1)


def test_order_and_partitions_do_not_matter(
    spark: SparkSession, database: Settings, make_raw: MakeRaw
) -> None:
    chance = random.Random(1)
    words = [f"w{n}" for n in range(3000)]
    seeds = [chance.choices(words, k=30) for _ in range(60)]
    texts = []
    for number in range(300):
        text = list(chance.choice(seeds))
        text[chance.randrange(30)] = chance.choice(words)
        texts.append((f"{number}", " ".join(text), NOW))
    results = []
    for partitions in ("2", "5"):
        version = make_raw(texts)
        chance.shuffle(texts)
        spark.conf.set("spark.sql.shuffle.partitions", partitions)
        deduplicate(spark, version, database)
        results.append(groups(database, version))
    spark.conf.set("spark.sql.shuffle.partitions", "2")
    assert results[0] == results[1]
    assert max(Counter(results[0].values()).values()) > 3


def test_rerun_gives_the_same_table(spark: SparkSession, database: Settings, make_raw: MakeRaw) -> None:
    version = make_raw((str(n), f"{LONG} {n // 2} {n % 3}") for n in range(200))
    table = VersionTables.of(version, database).deduplicated
    prints = []
    for _ in range(2):
        deduplicate(spark, version, database)
        with connect(database) as connection:
            prints.append(table_fingerprint(connection, table))
    assert prints[0] == prints[1]


def test_no_raw_table_names_the_dag(spark: SparkSession, database: Settings) -> None:
    with pytest.raises(MissingTable, match="raw_tweet_dataset_998 is missing: run the DAG collect_tweets"):
        deduplicate(spark, 998, database)


def test_components_as_union_find_has_them(spark: SparkSession) -> None:
    chance = random.Random(2)
    chain = list(itertools.pairwise(range(10_000, 10_200)))
    edges = [(chance.randrange(400), chance.randrange(400)) for _ in range(250)] + chain
    chance.shuffle(edges)

    parent: dict[int, int] = {}

    def root(node: int) -> int:
        while parent.setdefault(node, node) != node:
            node = parent[node]
        return node

    for a, b in edges:
        if a != b:
            first, second = sorted((root(a), root(b)))
            parent[second] = first
    found = connected_components(spark.createDataFrame(edges, "a long, b long")).collect()
    assert {row.node: row.component for row in found} == {node: root(node) for node in parent}

"""label_dataset on a real PostgreSQL: tables, files, report, choice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pyarrow.parquet as pq
import pytest

from include.datasets.clean import WEAK_LABEL_REPORT
from include.infra.postgres.connection import connect
from include.labelling.functions import LABELLING_FUNCTIONS
from include.labelling.label_dataset import label_dataset
from include.labelling.stored_report import stored_report
from include.posts.text import text_hash
from include.schema.dataset_tables import SPLITS, MissingTable, VersionTables
from include.settings import Settings
from tests.support.datasets.version_of_posts import build, drop

pytestmark = pytest.mark.stack
VERSION = 920_001

AI_TEXTS = (
    "Free Machine Learning course number {} https://t.co/a #MachineLearning #DataScience",
    "How #AI helps hospital {} to predict demand https://t.co/b",
    "Paper {}: deep learning and neural networks for computer vision",
    "Hiring data scientist number {} #AI #BigData",
)
OTHER_TEXTS = (
    "good morning to street {}",
    "@user i love you {} times bro",
    "lockdown of town {} extended",
    "my mobile data lasted {} minutes",
    "the AI in game {} keeps losing",
    "airdrop {}! AI-driven coin, earn free tokens #bitcoin #ai #crypto",
)
UNDECIDED = "Number {} #AI"
"""A keyword, and a lone hashtag: one vote for, one against."""


def texts(count: int, start: int = 0) -> list[str]:
    shapes = AI_TEXTS + OTHER_TEXTS
    return [shapes[place % len(shapes)].format(start + place) for place in range(count)]


@pytest.fixture
def version(database: Settings) -> Iterator[psycopg.Connection]:
    with connect(database, autocommit=True) as connection:
        splits = {
            "test": [*texts(10), UNDECIDED.format("nine")],
            "dev": texts(10, 100),
            "snorkel_train": texts(100, 1000),
            "train": texts(20, 3000),
        }
        build(connection, VERSION, splits)
        yield connection
        drop(connection, VERSION)


def contents(connection: psycopg.Connection) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for table in VersionTables.of(VERSION).splits.values():
        query = f"SELECT id, weak_label, weak_probability FROM {table} ORDER BY id"  # noqa: S608
        rows += connection.execute(query).fetchall()
    return rows


def test_labels_reach_tables_files_and_report(version: psycopg.Connection, database: Settings) -> None:
    result = label_dataset(VERSION, database)
    rows = contents(version)
    assert {label for _, label, _ in rows} == {0, 1, None}
    assert all((label is None) == (probability is None) for _, label, probability in rows)
    assert all(label == (probability > 0.5) for _, label, probability in rows if label is not None)
    assert sum(count["posts"] for count in result["counts"].values()) == len(rows) == 141
    stored = version.execute(
        'SELECT function, coverage, "overlaps", conflicts FROM labelling_report '
        "WHERE version = %s ORDER BY j",
        [VERSION],
    ).fetchall()
    assert [row[0] for row in stored] == [function.name for function in LABELLING_FUNCTIONS]
    assert all(0 <= share <= 1 for row in stored for share in row[1:])
    file = pq.read_table(f"{result['folder']}/test.parquet")
    assert file.column_names == ["id", "text_hash", "weak_label", "weak_probability", "votes"]
    assert sorted(file["id"].to_pylist()) == sorted(row[0] for row in rows if "-test-" in row[0])
    assert len(file["votes"][0].as_py()) == len(LABELLING_FUNCTIONS)


def test_an_undecided_post_has_no_label(version: psycopg.Connection, database: Settings) -> None:
    result = label_dataset(VERSION, database)
    assert (f"{VERSION}-test-10", None, None) in contents(version)
    assert result["counts"]["test"]["unlabelled"] == 1


def test_a_rerun_changes_nothing(version: psycopg.Connection, database: Settings) -> None:
    first = label_dataset(VERSION, database)
    before = contents(version)
    again = label_dataset(VERSION, database)
    assert contents(version) == before
    assert again == first
    count = "SELECT count(*) FROM labelling_report WHERE version = %s"
    assert version.execute(count, [VERSION]).fetchone() == (len(LABELLING_FUNCTIONS),)


def test_golden_labels_choose_and_test_ones_do_not(version: psycopg.Connection, database: Settings) -> None:
    assert label_dataset(VERSION, database)["scores"] == {}
    for split, count in (("test", 10), ("train", 20)):
        table = VersionTables.of(VERSION).split(split)
        query = f"SELECT id, text FROM {table} ORDER BY id LIMIT %s"  # noqa: S608
        for post_id, text in version.execute(query, [count]).fetchall():
            version.execute(
                """INSERT INTO label_event (text_hash, post_id, text, annotator, action, label, queue)
                   VALUES (%s, %s, %s, 'ann', 'label', %s, 'random')""",
                [text_hash(text), post_id, text, int("earning" in text or "data scientist" in text)],
            )
    result = label_dataset(VERSION, database)
    assert result["golden"] == {"outside_test": 20, "test": 10}
    assert set(result["scores"]) == {"majority vote", "label model"}
    assert "20 golden labels outside test" in result["reason"]
    kept = version.execute("SELECT method, reason FROM labelling_choice WHERE version = %s", [VERSION])
    assert kept.fetchone() == (result["method"], result["reason"])
    judged = [row["details"] for row in result["report"] if "precision" in row["details"]]
    assert judged
    assert all(
        low <= row["precision"] + 1e-9 <= high + 2e-9 for row in judged for low, high in [row["interval"]]
    )


def test_a_missing_table_names_the_dag_and_leaves_nothing(database: Settings) -> None:
    with pytest.raises(MissingTable, match="build_dataset"):
        label_dataset(920_999, database)
    assert not (database.state_dir / "labels" / "920999").exists()


def test_tiny_and_empty_splits_work(database: Settings) -> None:
    with connect(database, autocommit=True) as connection:
        build(connection, VERSION, {"test": ["good morning"]})
        result = label_dataset(VERSION, database)
        assert result["method"] == "majority vote"
        assert [result["counts"][split]["posts"] for split in SPLITS] == [1, 0, 0, 0]
        drop(connection, VERSION)


def test_errors_are_kept_with_posts_to_read(
    version: psycopg.Connection, database: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    table = VersionTables.of(VERSION).split("train")
    posts = version.execute(f"SELECT id, text FROM {table} ORDER BY id").fetchall()  # noqa: S608
    for post_id, text in posts:
        version.execute(
            """INSERT INTO label_event (text_hash, post_id, text, annotator, action, label, queue)
               VALUES (%s, %s, %s, 'contrary', 'adjudicate', 1, 'adjudication')""",
            [text_hash(text), post_id, text],
        )
    with caplog.at_level("INFO"):
        result = label_dataset(VERSION, database)
    assert sum(bucket["posts"] for bucket in result["buckets"]) == len(posts)
    stored = stored_report(version, VERSION)
    assert stored is not None
    assert stored.buckets == result["buckets"]
    missed = next(bucket for bucket in stored.buckets if (bucket["golden"], bucket["weak"]) == (1, 0))
    assert len(missed["examples"]) == min(10, missed["posts"])
    assert all(example["text"] and (example["for"] or example["against"]) for example in missed["examples"])
    error = f"golden AI, weak not AI: {missed['posts']}"
    logged = [record.getMessage() for record in caplog.records]
    assert error in logged[: logged.index("::endgroup::", logged.index(error))], "the list is folded away"
    (said,) = [line for line in logged if line.startswith("Result: ")]
    titles = [line for line in logged if line.startswith("::group::")]
    assert logged.index(said) < min(map(logged.index, titles)), "what came out is said first"
    assert said.startswith(f"Result: version {VERSION}: labels by {result['reason']}")
    report = Path(result["folder"], WEAK_LABEL_REPORT).read_text(encoding="utf-8")
    assert error in report
    assert all(function.name in report for function in LABELLING_FUNCTIONS)


def test_the_lists_of_the_targeted_queues_never_hold_test_posts(
    version: psycopg.Connection, database: Settings
) -> None:
    label_dataset(VERSION, database)
    test = VersionTables.of(VERSION).split("test")
    rows = version.execute(
        "SELECT queue, text_hash, priority FROM labelling_queue WHERE version = %s", [VERSION]
    ).fetchall()
    hashes = {row[0] for row in version.execute(f"SELECT text_hash FROM {test}")}  # noqa: S608
    assert {queue for queue, _, _ in rows} == {"uncertainty", "conflict"}
    assert not hashes & {text for _, text, _ in rows}
    assert all(priority > 0 for queue, _, priority in rows if queue == "conflict")
    assert sum(queue == "uncertainty" for queue, _, _ in rows) == 130

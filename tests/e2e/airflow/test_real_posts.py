"""The chain on real posts, DAG by DAG through ``airflow dags test``, and its rerun."""

from __future__ import annotations

import json
from contextlib import ExitStack

import pytest

from include.datasets.export.fingerprint import table_fingerprint
from include.infra.postgres.connection import connect
from include.local_stack.airflow.api import AirflowApi
from include.local_stack.airflow.reply import Reply
from include.local_stack.airflow.server import admin_password, url
from include.local_stack.airflow.testing_dags import left_alone
from include.schema.dataset_tables import VersionTables
from tests.support.datasets.real_sample import write_sample

pytestmark = [pytest.mark.chain, pytest.mark.timeout(5400)]

TEXTS, PAYLOADS = 3, 4
FOLLOWERS = ("build_dataset", "label_dataset", "train_classifier")

POSTS_OF_VERSIONS = """
    SELECT sum(topics.posts::bigint)
    FROM collection AS c CROSS JOIN LATERAL jsonb_each_text(c.posts) AS topics(topic, posts)
"""
POSITIONS_OF_VERSIONS = """
    SELECT count(*) FROM collection AS c
    CROSS JOIN LATERAL jsonb_each(c.end_offsets) AS ends(topic, partitions)
    CROSS JOIN LATERAL jsonb_each_text(ends.partitions) AS span(number, stop)
    JOIN (SELECT topic, kafka_partition, kafka_offset FROM ai_tweets
          UNION ALL
          SELECT topic, kafka_partition, kafka_offset FROM dead_letter WHERE stage <> 'collect') AS seen
      ON seen.topic = ends.topic
     AND seen.kafka_partition = span.number::integer
     AND seen.kafka_offset >= (c.start_offsets -> ends.topic ->> span.number)::bigint
     AND seen.kafka_offset < span.stop::bigint
"""
"""Every position of a collected version that the stream has dealt with; twice counts twice."""


@pytest.fixture(scope="module")
def by_hand(stack):
    """Nothing follows by itself meanwhile: each DAG's own ``dags test`` is what is tried here."""
    with ExitStack() as paused:
        for dag_id in FOLLOWERS:
            paused.enter_context(left_alone(dag_id, stack.settings))
        yield


@pytest.fixture(scope="module")
def sample(real_data, tmp_path_factory):
    """The dump of version 3, and how many posts are in it."""
    tweets, target = real_data / "tweets", tmp_path_factory.mktemp("sample") / "texts.jsonl.gz"
    return target, write_sample(tweets / "tweet_texts.jsonl.gz", tweets / "golden_dev.jsonl", target)


@pytest.fixture(scope="module")
def collected(stack, by_hand, dags_test, real_data, sample):
    """Version 3 from a third of 14,622 texts with 400 golden labels, version 4 from 950 whole payloads."""
    tweets = real_data / "tweets"
    _collect(dags_test, TEXTS, sample[0], tweets / "golden_dev.jsonl")
    _collect(dags_test, PAYLOADS, tweets / "stream_v1.1.jsonl.gz", None)
    return stack


@pytest.fixture(scope="module")
def built(collected, dags_test):
    for dag_id in ("build_dataset", "label_dataset"):
        dags_test(dag_id, json.dumps({"version": TEXTS}))
    return collected


@pytest.fixture(scope="module")
def promoted(built, dags_test):
    dags_test("train_classifier", json.dumps({"version": TEXTS}))
    _promote(built, Reply("Approve", {"why": "the evidence is golden"}))
    return built


def test_every_real_post_is_collected(collected, sample):
    assert sample[1] > 14_622 / 3
    with connect(collected.settings) as connection:
        assert _count(connection, VersionTables.of(TEXTS, collected.settings).raw) == sample[1]
        assert _count(connection, VersionTables.of(PAYLOADS, collected.settings).raw) == 950
        unreadable = "SELECT count(*) FROM dead_letter WHERE stage = 'collect'"
        assert connection.execute(unreadable).fetchone() == (0,)


def test_whole_payloads_give_their_links(collected):
    table = VersionTables.of(PAYLOADS, collected.settings).raw
    with connect(collected.settings) as connection:
        links = [row[0] for row in connection.execute(f"SELECT unnest(links) FROM {table}")]  # noqa: S608
    assert len(links) > 200
    assert not [link for link in links if "/status/" in link and ("twitter.com" in link or "//x.com" in link)]


def test_a_rerun_gives_identical_tables_and_keeps_every_golden_label(built, dags_test, real_data, sample):
    before = _contents(built)
    _collect(dags_test, TEXTS, sample[0], real_data / "tweets" / "golden_dev.jsonl")
    for dag_id in ("build_dataset", "label_dataset"):
        dags_test(dag_id, json.dumps({"version": TEXTS}))
    assert _contents(built) == before
    assert before["label_event"][0] >= 390


def test_another_input_for_the_same_version_is_refused(built, real_data):
    conf = {"version": TEXTS, "source": "dump", "path": str(real_data / "tweets" / "stream_v1.1.jsonl.gz")}
    done = built.airflow("dags", "test", "collect_tweets", "--conf", json.dumps(conf))
    assert "clean_dataset" in done.stdout
    assert "state=failed" in done.stdout


def test_the_classifier_is_promoted_on_golden_evidence(promoted):
    with connect(promoted.settings) as connection:
        [(outcome, approver, reason, evidence)] = connection.execute(
            "SELECT outcome, approver, reason, evidence FROM promotion ORDER BY id DESC LIMIT 1"
        ).fetchall()
    assert outcome == "promoted"
    assert evidence["gate"]["judged_by"] == "golden"
    assert evidence["gate"]["figures"]["candidate"]["n"] >= 390
    assert (approver, reason) == ("admin", "test; the evidence is golden")


def test_the_stream_classifies_every_position_once(promoted, dags_test, sample):
    dags_test("stream_classifier", json.dumps({"version": TEXTS, "action": "once"}))
    with connect(promoted.settings) as connection:
        [(published,)] = connection.execute(POSTS_OF_VERSIONS).fetchall()
        [(classified,)] = connection.execute(POSITIONS_OF_VERSIONS).fetchall()
    assert published >= sample[1] + 950
    assert classified == published


def test_export_and_clean(promoted, dags_test, tmp_path):
    dags_test("export_dataset", json.dumps({"version": TEXTS, "format": "parquet", "folder": str(tmp_path)}))
    assert list(tmp_path.rglob("manifest.json"))
    dags_test("clean_dataset", json.dumps({"version": PAYLOADS}))
    with connect(promoted.settings) as connection:
        assert _count(connection, VersionTables.of(PAYLOADS, promoted.settings).raw) == 950, "a dry run"


def test_a_missing_upstream_table_names_the_dag_to_run(stack):
    done = stack.airflow("dags", "test", "label_dataset", "--conf", '{"version": 77}')
    assert "state=failed" in done.stdout
    assert "build_dataset" in done.stdout


def _collect(dags_test, version, path, golden):
    conf = {"version": version, "source": "dump", "path": str(path), "golden": golden and str(golden)}
    dags_test("collect_tweets", json.dumps(conf))


def _promote(stack, reply):
    """As in Airflow's UI: ``dags test`` would wait for the answer in the foreground."""
    api = AirflowApi(url(stack.settings), "admin", admin_password(stack.settings))
    run_id = api.trigger("promote_model", TEXTS, {"reason": "test"})
    api.wait("promote_model", run_id, timeout=1800, reply=reply)


def _contents(stack):
    with connect(stack.settings) as connection:
        tables = [*VersionTables.of(TEXTS, stack.settings).all, "label_event"]
        return {table: table_fingerprint(connection, table) for table in tables}


def _count(connection, table):
    return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 (names of ours)

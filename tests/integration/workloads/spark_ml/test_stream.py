"""Rows through the pipeline into every sink at once: each once, through kill -9 and a change of model."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pyarrow import dataset
from pyspark.sql import SparkSession

from include.infra.postgres.connection import connect, conninfo, jdbc_url
from include.local_stack.database.preparation import create_databases
from include.settings import Settings
from include.streaming.monitor.monitor import Monitor
from include.workloads.spark_ml.data.messages import message
from include.workloads.spark_ml.data.synthetic import write_csv
from include.workloads.spark_ml.feed.consume import results
from include.workloads.spark_ml.model.loading import _loaded, load
from include.workloads.spark_ml.model.serving import ALWAYS, IF_BETTER, serve_latest
from include.workloads.spark_ml.model.store import OtherModel, PipelineStore
from include.workloads.spark_ml.model.train import train
from include.workloads.spark_ml.sample_model import SMALL
from include.workloads.spark_ml.samples import broken, error
from tests.integration.streaming.conftest import own_database
from tests.support.spark_ml.rows import applied, features_of
from tests.support.streaming.stream import Stream

pytestmark = [pytest.mark.stack, pytest.mark.spark, pytest.mark.timeout(3600)]

TOPIC = "spark_ml_test_in"
ELSEWHERE = "spark_ml_elsewhere"
ROWS = 2_000


@pytest.fixture(scope="module")
def elsewhere(database: Settings) -> Settings:
    """A second database, which belongs to the stream."""
    settings = database.model_copy(update={"postgres_database": ELSEWHERE})
    create_databases(settings)
    with psycopg.connect(conninfo(settings), autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {ELSEWHERE} OWNER TO {settings.login_name('stream')}")
    return settings


@pytest.fixture(scope="module")
def stream(database: Settings, kafka: Settings, elsewhere: Settings) -> Iterator[Stream]:
    own = own_database(database, "spark_ml_test", "spark_ml")
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWEETSIEVE_SPARK_ML_TOPIC", TOPIC)
        patch.setenv("TWEETSIEVE_SPARK_ML_RESULTS_TOPIC", "spark_ml_test_out")
        patch.setenv("TWEETSIEVE_SPARK_ML_SINKS", "parquet,csv,kafka,postgres,jdbc")
        patch.setenv("TWEETSIEVE_SPARK_ML_JDBC_URL", jdbc_url(elsewhere))
        yield Stream(own, "spark_ml", stack)


@pytest.fixture(scope="module")
def file(stream: Stream) -> Path:
    place = stream.settings.state_dir / "rows.csv"
    write_csv(place, ROWS, 1)
    return place


def trained(spark: SparkSession, stream: Stream, file: Path, seed: int) -> int:
    """The version of a model that was trained on the file's rows."""
    found = train(spark, stream.settings, seed, str(file), folds=3, seed=seed, grid=SMALL)
    return found["model_version"]


def places(stream: Stream, elsewhere: Settings) -> dict[str, list[tuple[Any, ...]]]:
    """Event, probability and version of each row, by the sink that has it."""
    folder = stream.settings.state_dir / "results" / "spark_ml"
    columns = ["event_id", "probability", "model_version"]
    found = {
        form: [
            tuple(row.values())
            for row in dataset.dataset(folder / form, format=form).to_table(columns).to_pylist()
        ]
        for form in ("parquet", "csv")
    }
    for name, settings in (("postgres", stream.settings), ("jdbc", elsewhere)):
        with connect(settings) as connection:
            query = "SELECT event_id, probability, model_version FROM spark_ml"
            found[name] = connection.execute(query).fetchall()
    return {name: sorted(rows) for name, rows in found.items()}


def test_every_sink_has_each_row_once_after_kill_9_and_a_change_of_model(
    spark: SparkSession, stream: Stream, elsewhere: Settings, file: Path
) -> None:
    first = trained(spark, stream, file, 1)
    assert serve_latest(stream.settings, 1, IF_BETTER) == first
    second = trained(spark, stream, file, 2)
    features = features_of(file)
    send = [(str(n), message(n, row)) for n, row in enumerate(features)]
    bad = [(f"bad {n}", broken(100 * n)) for n in range(4)]
    hot = [("hot", message(ROWS, features[0], "sensor hot")), ("silent", error("sensor silent"))]

    stream.kill_in_a_commit("stream_commit", lambda: stream.send(TOPIC, [*send[:1_000], *bad, *hot]))
    with stream.submitted() as child:
        stream.until("SELECT sum(posts) = 1001 FROM stream_commit")
        assert serve_latest(stream.settings, 2, ALWAYS) == second
        stream.send(TOPIC, send[1_000:])
        stream.until("SELECT sum(posts) = 2001 FROM stream_commit")
        stream.drain(child)

    batch = {version: applied(spark, stream.settings, version, file) for version in (first, second)}
    versions = [first] * 1_000 + [second] * (ROWS - 1_000)
    expected = [(n, batch[version][n], version) for n, version in enumerate(versions)]
    expected.append((ROWS, batch[first][0], first))
    found = places(stream, elsewhere)
    assert {name: len(rows) for name, rows in found.items()} == dict.fromkeys(found, ROWS + 1)
    assert all(rows == expected for rows in found.values()), "batch equals stream, to the last bit"
    stream.account()
    query = "SELECT jsonb_object_agg(convert_from(key, 'UTF8'), reason) FROM dead_letter"
    reasons = stream.ask(query)
    assert reasons == {
        "bad 0": "no JSON of the declared schema", "bad 1": "m_bb is missing", "bad 2": "m_jj is not finite",
        "bad 3": "no JSON of the declared schema", "silent": "lepton_pT is missing",
    }  # fmt: skip
    check_queue(stream)


def check_queue(stream: Stream) -> None:
    """A consumer of the sink Kafka gets each row once, although a batch was sent twice."""
    taken = list(results(stream.settings, threading.Event(), 5.0))
    assert len(taken) == len({key for key, _ in taken}) == ROWS + 1


class Recorded:
    """A channel that remembers what it was given."""

    name = "recorded"

    def __init__(self) -> None:
        self.told: list[str] = []

    def send(self, title: str, text: str) -> None:
        self.told.append(f"{title}: {text}")


def test_what_sources_report_is_alerted_once(stream: Stream) -> None:
    """Also of a message that could not be scored; rows with an error go where other rows go."""
    channel = Recorded()
    monitor = Monitor(stream.settings, [channel], lambda settings: ["spark_ml"])
    for _ in range(3):
        monitor.check()
    monitor.close()
    told = [text for text in channel.told if "source error" in text]
    assert told == [
        "[tweetsieve] spark_ml: source error: the source reports: sensor hot",
        "[tweetsieve] spark_ml: source error: the source reports: sensor silent",
    ]
    assert stream.ask("SELECT sum((counts ->> 'source_errors')::int)::int FROM stream_commit") == 2


def test_a_model_whose_files_changed_is_not_applied(stream: Stream, spark: SparkSession) -> None:
    store = PipelineStore(stream.settings)
    version = store.in_service()
    assert version is not None
    (written,) = (store.path(version) / "pipeline" / "metadata").glob("part-0*")
    written.write_text(written.read_text() + " ")
    _loaded.cache_clear()
    with pytest.raises(OtherModel, match="not those that were trained"):
        load(spark, version, stream.settings)

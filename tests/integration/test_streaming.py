"""The streaming classifier as it is run: spark-submit, real Kafka, Postgres and model server.

Whatever happens to it, each position in Kafka ends in ``ai_tweets`` or in ``dead_letter``, once.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, LiteralString, cast

import orjson
import pytest
from confluent_kafka import Producer
from psycopg import sql

from include.infra.kafka.admin import Broker
from include.infra.postgres.connection import connect
from include.infra.processes.service import running
from include.infra.spark.environment import spark_environment
from include.infra.spark.jars import spark_jars
from include.local_stack import postgres, programs
from include.local_stack.environment import settings_variables
from include.serving.client import ServingClient
from include.settings import PROJECT_ROOT, Settings
from include.streaming.dead_letters.replay import replay_dead_letters
from include.streaming.dead_letters.table import Selection
from include.streaming.registry import workload_named
from include.streaming.state.checkpoint import last_batch

pytestmark = [pytest.mark.stack, pytest.mark.spark, pytest.mark.timeout(3600)]

POISON = "poison"
"""A text with this word in it is refused by the test's model."""

MAKE_MODEL = """
import sys
import tensorflow as tf
from include.serving.config import ModelConfig, write_config
from include.settings import get_settings

version, poison, settings = int(sys.argv[1]), sys.argv[2], get_settings()

class Model(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def serve(self, text):
        bad = tf.strings.regex_full_match(text, f".*{poison}.*")
        with tf.control_dependencies([tf.debugging.assert_equal(tf.reduce_any(bad), False)]):
            probability = tf.cast(tf.strings.to_hash_bucket_fast(text, 1000), tf.float32) / 1000.0
        versions = tf.fill(tf.shape(text), tf.constant(version, tf.int64))
        return {"ai_prob": probability, "model_version": versions}

base = settings.serving_dir / settings.model_name
model = Model()
tf.saved_model.save(model, str(base / str(version)), signatures=model.serve)
model_config = ModelConfig(settings.model_name, str(base), (version,), {"stable": version})
write_config(settings.serving_dir / "models.config", [model_config])
"""


EVERYWHERE = """
SELECT {} FROM (SELECT topic, kafka_partition, kafka_offset FROM ai_tweets
                UNION ALL SELECT topic, kafka_partition, kafka_offset FROM dead_letter
                WHERE replayed_at IS NULL) AS everywhere
"""
WRONGLY_COUNTED_LINKS = """
SELECT count(*)
FROM (SELECT link, count(*) AS posts FROM ai_tweets, unnest(links) AS link GROUP BY link) AS counted
FULL JOIN links USING (link) WHERE counted.posts IS DISTINCT FROM links.posts
"""


@dataclass
class Stream:
    """The application under test, in a database, with topics and a state folder of its own."""

    settings: Settings
    running: ExitStack

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, **settings_variables(self.settings), **spark_environment(self.settings)}

    @property
    def log(self) -> Path:
        return self.settings.logs_dir / "stream.log"

    def serve(self, version: int, poison: str = POISON) -> None:
        """Put a model into service that refuses texts with ``poison`` in them."""
        subprocess.run(
            [sys.executable, "-c", MAKE_MODEL, str(version), poison],
            cwd=PROJECT_ROOT, env=self.environment, check=True, capture_output=True,
        )  # fmt: skip

    @contextmanager
    def submitted(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """The application, gone at the end with all its processes."""
        jars = ",".join(map(str, spark_jars(self.settings)))
        command = [
            str(Path(sys.executable).with_name("spark-submit")),
            "--master", "local[2]", "--driver-memory", "1g", "--conf", "spark.ui.enabled=false",
            "--jars", jars,
            str(PROJECT_ROOT / "spark_apps" / "stream_classify.py"), "--workload", "ai_tweets", *arguments,
        ]  # fmt: skip
        with self.log.open("ab") as log:
            child = subprocess.Popen(
                command, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        try:
            yield child
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()

    def run_to_the_end(self) -> None:
        with self.submitted("--available-now") as child:
            assert child.wait(900) == 0, self.tail()

    def tail(self) -> str:
        return self.log.read_text(errors="replace")[-4000:]

    def produce(self, count: int, *, first: int) -> None:
        """Messages with ids from ``first`` on: 1 % malformed, 1 % twice, one poisonous."""
        producer = Producer({"bootstrap.servers": self.settings.kafka_bootstrap})
        for number in range(first, first + count):
            value = (
                message(number) if number != first + count // 2 else message(number, f"some {POISON} here")
            )
            for _ in range(2 if number % 100 == 3 else 1):
                topic = self.settings.ai_topic if number % 2 else self.settings.mix_topic
                producer.produce(topic, value, key=str(number))
            if number % 1000 == 0:
                producer.poll(0)
        assert producer.flush(30) == 0

    def ask(self, query: str) -> Any:
        with connect(self.settings) as connection:
            row = connection.execute(sql.SQL(cast("LiteralString", query))).fetchone()
        return row[0] if row else None

    def until(self, query: str, seconds: float = 600) -> None:
        """Wait until a query's answer is true."""
        wait_until(
            lambda: bool(self.ask(query)), seconds, lambda: f"not within {seconds} s: {query}\n{self.tail()}"
        )

    def positions(self) -> int:
        highs = Broker(self.settings).highs([self.settings.ai_topic, self.settings.mix_topic])
        return sum(offset for partitions in highs.values() for offset in partitions.values())

    def account(self) -> None:
        """Every position once, links counted once, nothing left behind."""
        assert self.ask(EVERYWHERE.format("count(*)")) == self.positions()
        assert (
            self.ask(EVERYWHERE.format("count(DISTINCT (topic, kafka_partition, kafka_offset))"))
            == self.positions()
        )
        assert self.ask(WRONGLY_COUNTED_LINKS) == 0
        assert self.ask("SELECT count(*) FROM dead_letter WHERE value IS NULL") == 0
        assert self.ask("SELECT count(*) FROM stream_lease") == 0


def message(number: int, text: str = "") -> bytes:
    if number % 100 == 7:
        return b'{"id_str": "%d", "text": "cut o' % number
    rng = random.Random(number)
    link = f" https://site{rng.randrange(50)}.example/{rng.randrange(200)}" if number % 3 == 0 else ""
    body = text or "".join(rng.choices("neural data\tpizza \\ 日本\n\\.\n\"'{} ", k=60))
    return orjson.dumps({"id_str": str(number), "text": f"post {number} {body}{link}"})


def wait_until(condition: Callable[[], bool], seconds: float, why: Callable[[], str]) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, why()
        time.sleep(0.1)


@pytest.fixture(scope="module")
def stream(database: Settings, kafka: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stream]:
    own = database.model_copy(
        update={
            "postgres_database": "stream_test",
            "ai_topic": "stream_test_ai",
            "mix_topic": "stream_test_mix",
            "state_dir": tmp_path_factory.mktemp("stream"),
        }
    )
    postgres.create_databases(own)
    own.logs_dir.mkdir()
    with ExitStack() as stack:
        yield Stream(own, stack)


STAGING = r"FROM pg_class WHERE relname LIKE 'stream\_stage\_%'"
LAST_STATUS = "(SELECT status FROM stream_progress ORDER BY id DESC LIMIT 1)"


RUNNING = "SELECT count(*) FROM stream_progress WHERE status = 'running'"
QUERIES = "SELECT count(DISTINCT query_id) FROM stream_commit WHERE batch_id >= 0"
VERSIONS_BY_FIRST_DIGIT = """
SELECT jsonb_object_agg(digit, versions) FROM (
    SELECT left(id, 1) AS digit, array_agg(DISTINCT model_version) AS versions
    FROM ai_tweets WHERE length(id) = 6 GROUP BY 1
) AS v
"""


def test_whatever_happens_every_position_ends_in_one_place_once(stream: Stream) -> None:
    """Killed in a batch and in a commit; checkpoint lost; model gone and another promoted; drained."""
    with running(programs.model_server(stream.settings), stream.settings.logs_dir):
        killed_in_a_batch(stream)
        stream.run_to_the_end()
        stream.account()
        check_dead_letters(stream)
        killed_in_a_commit(stream)
        stream.run_to_the_end()
        stream.account()
        assert len(list(checkpoint_of(stream).parent.glob("*.aside-*"))) == 1, "it was ahead of the database"
        queries = stream.ask(QUERIES)
        shutil.rmtree(checkpoint_of(stream))
        stream.produce(1_000, first=300_000)
        child = stream.running.enter_context(stream.submitted())
        stream.until("SELECT count(*) > 900 FROM ai_tweets WHERE id LIKE '3_____'")
        assert stream.ask(QUERIES) == queries + 1
        assert stream.ask("SELECT max(classified_at) < now() FROM ai_tweets WHERE id NOT LIKE '3_____'")
    # The server is gone: what arrives now waits, and is scored by the model that comes next.
    stream.produce(1_000, first=400_000)
    stream.until(f"SELECT count(*) > 0 {STAGING}")
    refuses_a_second_copy(stream)
    stream.serve(2)
    with running(programs.model_server(stream.settings), stream.settings.logs_dir):
        stream.until("SELECT count(*) > 900 FROM ai_tweets WHERE id LIKE '4_____'")
    child.send_signal(signal.SIGTERM)
    assert child.wait(120) == 0, stream.tail()
    stream.account()
    assert stream.ask(VERSIONS_BY_FIRST_DIGIT) == {"3": [1], "4": [2]}
    assert stream.ask("SELECT count(*) FROM dead_letter WHERE stage = 'score'") == 4
    assert b"waiting for the model" in stream.log.read_bytes()


def killed_in_a_batch(stream: Stream) -> None:
    """It waits for a model first; then one is promoted, and the driver is killed in its first batch."""
    stream.produce(20_000, first=0)
    with stream.submitted() as child:
        stream.until("SELECT to_regclass('stream_progress') IS NOT NULL")
        stream.until(f"SELECT {LAST_STATUS} = 'waiting for a model in service'")
        stream.serve(1)
        stream.until(f"SELECT count(*) > 0 {STAGING}")
        child.kill()
        child.wait()
    assert stream.ask("SELECT count(*) FROM ai_tweets") < 19_000, "killed too late to show anything"


def killed_in_a_commit(stream: Stream) -> None:
    """Spark counts a batch as done that the database does not have yet, and everything is killed."""
    done = last_batch(checkpoint_of(stream))
    ran = stream.ask(RUNNING)
    with stream.submitted() as child, connect(stream.settings) as other:
        wait_until(lambda: stream.ask(RUNNING) > ran, 600, lambda: f"it does not run\n{stream.tail()}")
        other.execute("LOCK TABLE ai_tweets IN EXCLUSIVE MODE")  # whoever reads may, a commit waits
        stream.produce(1_000, first=20_000)
        wait_until(
            lambda: last_batch(checkpoint_of(stream)) != done,
            600,
            lambda: f"no batch is done\n{stream.tail()}",
        )
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    assert stream.ask("SELECT count(*) FROM ai_tweets WHERE length(id) = 5 AND id LIKE '20___'") == 0


def checkpoint_of(stream: Stream) -> Path:
    return workload_named("ai_tweets").checkpoint_dir(stream.settings)


def check_dead_letters(stream: Stream) -> None:
    counts = (
        "SELECT array_agg(stage || ': ' || reason || ' ' || n ORDER BY stage)"
        " FROM (SELECT stage, reason, count(*) AS n FROM dead_letter GROUP BY 1, 2) AS c"
    )
    assert stream.ask(counts) == ["parse: not JSON 200", "score: model refused it (400) 1"]
    assert stream.ask("SELECT value FROM dead_letter WHERE key = '107'") == message(107)
    assert stream.ask(f"SELECT count(*) {STAGING}") == 0


def refuses_a_second_copy(stream: Stream) -> None:
    start = stream.log.stat().st_size
    with stream.submitted() as second:
        assert second.wait(600) == 3
    assert b"is already running" in stream.log.read_bytes()[start:]


SCORE = "SELECT array_agg(attempts ORDER BY kafka_offset) FROM dead_letter WHERE stage = 'score' AND "
ROWS_OF_POISON = "SELECT count(*) FROM ai_tweets WHERE text LIKE '%poison%' AND model_version = 3"


def test_replayed_dead_letters_become_posts_under_their_own_positions_once(stream: Stream) -> None:
    """First with the model that refused them, then with one that takes all."""
    own, poisonous = stream.settings, Selection("ai_tweets", stage="score")
    stream.serve(2)
    with running(programs.model_server(own), own.logs_dir):
        for first in (500_000, 600_000, 700_000):
            stream.produce(1_000, first=first)
        stream.run_to_the_end()
        before = stream.ask("SELECT count(*) FROM ai_tweets")
        refused = stream.ask("SELECT count(*) FROM dead_letter WHERE stage = 'score'")
        assert refused >= 3
        assert replay_dead_letters(poisonous, "dry", dry_run=True, settings=own) == {
            "dry_run": True, "would_replay": {"score: model refused it (400)": refused},
        }  # fmt: skip
        again = replay_dead_letters(poisonous, "run 1", dry_run=False, settings=own)
        assert again["failed_again"] == {"model refused it (400)": refused}
        assert (again["chosen"], again["resolved"]) == (refused, 0)
        assert stream.ask(SCORE + "replayed_at IS NULL") == [1] * refused
        stream.account()

        stream.serve(3, poison="nothing is")
        client = ServingClient(own.model_url, own.model_name, label="stable")
        wait_until(lambda: client.serves(3), 300, lambda: "version 3 did not come into service")
        one = replay_dead_letters(replace(poisonous, limit=1), "run 2", dry_run=False, settings=own)
        rest = replay_dead_letters(poisonous, "run 3", dry_run=False, settings=own)
        twice = replay_dead_letters(poisonous, "run 4", dry_run=False, settings=own)
        unreadable = replay_dead_letters(Selection("ai_tweets"), "run 5", dry_run=False, settings=own)
        assert [done["resolved"] for done in (one, rest, twice, unreadable)] == [1, refused - 1, 0, 0]
        assert unreadable["failed_again"] == {"not JSON": unreadable["chosen"]}
        assert stream.ask(SCORE + "replayed_at IS NOT NULL AND last_reason IS NULL") == [2] * refused
        assert stream.ask("SELECT array_agg(DISTINCT replayed_by ORDER BY replayed_by) FROM dead_letter") == [
            "run 2", "run 3", None,
        ]  # fmt: skip
        assert stream.ask(ROWS_OF_POISON) == refused
        assert stream.ask("SELECT count(*) FROM ai_tweets") == before + refused
        stream.account()

        shutil.rmtree(checkpoint_of(stream))
        stream.run_to_the_end()
        stream.account()
        assert stream.ask("SELECT count(*) FROM ai_tweets") == before + refused

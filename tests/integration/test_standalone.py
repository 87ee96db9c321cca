"""The stream on a Spark standalone cluster: a master and two workers, as programs of their own."""

from __future__ import annotations

import dataclasses
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest
from pydantic import SecretStr

from include.infra.kafka.admin import Broker
from include.infra.kafka.offsets import behind, total
from include.infra.postgres.connection import connect
from include.infra.processes.ports import free_ports
from include.infra.processes.service import Service, listens, log_tail, running
from include.infra.spark.environment import spark_environment
from include.local_stack import programs, streams
from include.local_stack.database.preparation import prepare_databases
from include.local_stack.environment import settings_variables
from include.settings import PROJECT_ROOT, Settings
from include.streaming.control.launcher import stream_program
from include.streaming.registry import workload_named
from include.streaming.state.commits import committed_positions
from include.workloads.ai_tweets.samples import samples
from tools.drill import accounting
from tools.drill.testbed import model
from tools.drill.testbed.messages import Input

pytestmark = [pytest.mark.stack, pytest.mark.spark, pytest.mark.timeout(3600)]

WORKLOAD, SAMPLES = workload_named("ai_tweets"), samples()
LOG = f"{stream_program(WORKLOAD.name)}.log"

EXECUTOR = "org.apache.spark.executor.CoarseGrainedExecutorBackend"


def spark_class(settings: Settings, name: str, *arguments: str, port: int) -> Service:
    """A program of Spark's own, on loopback; ready when its page answers."""
    command = [str(Path(sys.executable).with_name("spark-class")), *arguments]
    own = {
        **spark_environment(settings),
        "SPARK_LOCAL_IP": settings.host,
        "SPARK_DAEMON_MEMORY": "256m",
    }
    return Service(
        name, command, ready=lambda: listens(settings.host, port), environment=own, start_seconds=120
    )


@contextmanager
def cluster(settings: Settings) -> Iterator[str]:
    """A master and two workers of one core each; the address of the master's page."""
    page, *pages = free_ports(3)
    port = int(settings.spark_master.rpartition(":")[2])
    master = spark_class(
        settings, "spark-master", "org.apache.spark.deploy.master.Master", "--host", settings.host,
        "--port", str(port), "--webui-port", str(page), port=page,
    )  # fmt: skip
    workers = [
        spark_class(
            settings, f"spark-worker-{number}", "org.apache.spark.deploy.worker.Worker",
            "--host", settings.host, "--cores", "1", "--memory", "2g", "--webui-port", str(own),
            "--work-dir", str(settings.state_dir / f"work-{number}"), settings.spark_master, port=own,
        )
        for number, own in enumerate(pages)
    ]  # fmt: skip
    with (
        running(master, settings.logs_dir),
        running(workers[0], settings.logs_dir),
        running(workers[1], settings.logs_dir),
    ):
        yield f"http://{settings.host}:{page}"


@pytest.fixture
def own(database: Settings, kafka: Settings, tmp_path: Path) -> Settings:
    """A database, topics and a state folder of this test's own; a master's address."""
    values = {
        "postgres_database": "standalone_test",
        "ai_topic": "standalone_ai",
        "mix_topic": "standalone_mix",
        "state_dir": tmp_path,
        "spark_master": f"spark://127.0.0.1:{free_ports(1)[0]}",
        "spark_secret": SecretStr(secrets.token_urlsafe()),
        "spark_driver_memory": "1g",
        "spark_stream_conf": (
            "spark.driver.host=127.0.0.1 spark.executor.memory=600m "
            f"spark.executorEnv.PYTHONPATH={PROJECT_ROOT} spark.pyspark.python={sys.executable}"
        ),
    }
    settings = database.model_copy(update=values)
    prepare_databases(settings)
    settings.logs_dir.mkdir()
    return settings


def test_two_workers_share_the_work_and_one_may_lose_its_executor(own: Settings) -> None:
    environment = {**os.environ, **settings_variables(own), **spark_environment(own)}
    stream = streams.stream(own, WORKLOAD.name)
    stream = dataclasses.replace(stream, environment={**environment, **stream.environment})
    topics = WORKLOAD.topics(own)
    Broker(own).create_missing(topics)
    put = Input(own, topics, SAMPLES)
    put.send(10_000)
    put.flush()
    model.put_into_service(SAMPLES, 1, environment)
    with (
        running(programs.model_server(own), own.logs_dir),
        cluster(own) as page,
        running(stream, own.logs_dir) as driver,
    ):
        until_committed(own)
        workers = httpx.get(f"{page}/json/", trust_env=False).json()["workers"]
        assert sorted(worker["coresused"] for worker in workers) == [1, 1]
        wait_until(lambda: len(executors_of(own)) == 2, 300, lambda: "there are not two executors")
        put.send(20_000)
        put.flush()
        until_committed(own)
        wait_until(lambda: worked(own, 0) and worked(own, 1), 300, lambda: "one executor did nothing")

        nobody_sees_the_secret(own, page)

        put.send(20_000)
        executors_of(own)[0].kill()
        put.flush()
        until_committed(own)
        wait_until(lambda: len(executors_of(own)) == 2, 300, lambda: "the executor is not replaced")
        driver.terminate()
        assert driver.wait(120) == 0, log_tail(own.logs_dir / LOG)
    counts = accounting.take(own, WORKLOAD, SAMPLES.checks, put.sent)
    assert counts.right, counts
    assert counts.sent == 50_500


def nobody_sees_the_secret(settings: Settings, page: str) -> None:
    """On no command line, in no log, on no page; and each executor was given it, so that it is in use."""
    secret = settings.spark_secret.get_secret_value()
    for process in psutil.process_iter(["cmdline"]):
        assert secret not in " ".join(process.info["cmdline"] or []), process
    assert all(process.environ().get("_SPARK_AUTH_SECRET") == secret for process in executors_of(settings))
    logs = [*settings.logs_dir.glob("*.log"), *settings.state_dir.glob("work-*/app-*/*/std*")]
    assert len(logs) > len(executors_of(settings))
    assert not [log for log in logs if secret in log.read_text(errors="replace")]
    app = httpx.get(f"{page}/json/", trust_env=False).json()["activeapps"][0]["id"]
    for address in (page, f"{page}/app/?appId={app}"):
        assert secret not in httpx.get(address, trust_env=False).text


def until_committed(settings: Settings) -> None:
    topics = WORKLOAD.topics(settings)

    def done() -> bool:
        with connect(settings) as connection:
            row = connection.execute("SELECT to_regclass('stream_commit') IS NOT NULL").fetchone()
            if not row or not row[0]:
                return False
            committed = committed_positions(connection, WORKLOAD.name)
        return bool(committed) and total(behind(committed, Broker(settings).highs(topics))) == 0

    wait_until(done, 900, lambda: log_tail(settings.logs_dir / LOG, 60))


def executors_of(settings: Settings) -> list[psutil.Process]:
    """The executors of this test's application, by its driver's folder of work."""
    found = []
    for process in psutil.process_iter(["cmdline", "cwd"]):
        line = process.info["cmdline"] or []
        if EXECUTOR in line and str(process.info["cwd"]).startswith(str(settings.state_dir)):
            found.append(process)
    return found


def worked(settings: Settings, number: int) -> bool:
    """Whether an executor of the worker finished a task, in the words of its log."""
    logs = (settings.state_dir / f"work-{number}").glob("app-*/*/stderr")
    return any("Finished task" in log.read_text(errors="replace") for log in logs)


def wait_until(condition: Callable[[], bool], seconds: float, why: Callable[[], str]) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, why()
        time.sleep(0.1)

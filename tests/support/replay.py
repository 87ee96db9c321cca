"""Programs of the sources: a replay server and whoever reads it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

import httpx
from confluent_kafka import TopicPartition

from include.infra.kafka.connection import make_consumer
from include.settings import PROJECT_ROOT, Settings
from include.sources.publish import PublishReport


def eventually(condition: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)


@contextmanager
def program(
    *arguments: str, settings: Settings, output: IO[bytes] | int = subprocess.DEVNULL
) -> Iterator[subprocess.Popen]:
    """A program of ours, ended by SIGTERM."""
    environment = dict(os.environ) | {"TWEETSIEVE_REPLAY_PORT": str(settings.replay_port)}
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=PROJECT_ROOT,
        env=environment,
        stdout=output,
        stderr=subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(20)


@contextmanager
def replay(settings: Settings, *options: str) -> Iterator[httpx.Client]:
    """A replay server of its own, and a client of it with a token."""
    with program("include.sources.replay", *options, settings=settings):
        url = f"http://127.0.0.1:{settings.replay_port}"
        with httpx.Client(base_url=url, headers={"Authorization": "Bearer t"}, trust_env=False) as client:

            def answers() -> bool:
                try:
                    return client.get("/status").status_code == 200
                except httpx.TransportError:
                    return False

            eventually(answers)
            yield client


def consume(settings: Settings, report: PublishReport, topic: str) -> list[tuple[bytes | None, bytes]]:
    """What the report's positions of a topic hold."""
    consumer = make_consumer(settings, {"group.id": "test", "enable.partition.eof": False})
    found = []
    for partition, end in report.end_offsets[topic].items():
        start = report.start_offsets[topic][partition]
        consumer.assign([TopicPartition(topic, partition, start)])
        while start < end:
            message = consumer.poll(10)
            assert message is not None
            assert message.error() is None
            value, offset = message.value(), message.offset()
            assert value is not None
            assert offset is not None
            found.append((message.key(), value))
            start = offset + 1
    consumer.close()
    return found

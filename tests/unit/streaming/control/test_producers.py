"""Which programs run beside a stream; they are an in-memory launcher's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from include.errors import UserError
from include.settings import Settings
from include.streaming.control import launcher
from include.streaming.control.producers import (
    chosen_producer,
    configure_producer,
    start_producer,
    start_services,
    stop_producer,
    stop_services,
)
from include.streaming.programs import Producer, Program
from include.streaming.registry import workload_named
from tests.support.streaming.recorded_programs import RecordedPrograms

SERVER, CLIENT = Program("server", "some.server"), Program("client", "some.client")


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> RecordedPrograms:
    made = RecordedPrograms()
    monkeypatch.setattr(launcher, "launcher", lambda settings: made)
    return made


def test_programs_start_in_order_and_stop_in_reverse(settings: Settings, programs: RecordedPrograms) -> None:
    producer = Producer((SERVER, CLIENT))
    start_producer(settings, producer)
    stop_producer(settings, producer)
    assert programs.calls == ["start server", "start client", "stop client", "stop server"]


def test_a_producer_stops_before_it_is_to_send_something_else(
    settings: Settings, programs: RecordedPrograms
) -> None:
    def configure(_: Settings, source: str | None, stop: Callable[[], None]) -> None:
        stop()
        programs.calls.append(f"configured {source}")

    configure_producer(settings, Producer((SERVER,), configure), "posts.jsonl")
    assert programs.calls == ["stop server", "configured posts.jsonl"]


def test_an_unknown_producer_names_those_there_are() -> None:
    workload = replace(workload_named("ai_tweets"), producers={"a": Producer((SERVER,))})
    with pytest.raises(UserError, match="ai_tweets has no live feed 'pigeon'; there is: none, a"):
        chosen_producer(workload, "pigeon")
    assert chosen_producer(workload, "none").programs == ()


def test_services_are_the_workloads(settings: Settings, programs: RecordedPrograms) -> None:
    workload = replace(workload_named("ai_tweets"), services=(SERVER, CLIENT))
    start_services(settings, workload)
    assert programs.active == {"server", "client"}
    stop_services(settings, workload)
    assert programs.calls[2:] == ["stop client", "stop server"]

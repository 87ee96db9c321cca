"""The programs of the workloads: one stream each, and what is declared beside it."""

from __future__ import annotations

import shlex
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from include.errors import UserError
from include.local_stack import streams
from include.settings import Settings
from include.streaming.programs import Producer, Program
from include.streaming.registry import workload_named, workload_names

AI_TWEETS = workload_named("ai_tweets")


@pytest.fixture(autouse=True)
def no_jars(monkeypatch: pytest.MonkeyPatch) -> None:
    """The jars are resolved by ``make setup``; here only their place in the command counts."""
    monkeypatch.setattr(streams, "spark_jars", lambda _: [Path("/jars/connector.jar")])


def names(settings: Settings) -> list[str]:
    return [service.name for service in streams.stream_services(settings)]


def test_every_workload_has_a_stream_and_none_starts_by_itself() -> None:
    settings = Settings(_env_file=None)
    services = {service.name: service for service in streams.stream_services(settings)}
    for name in workload_names(settings):
        assert services[f"stream-{name}"].command[-2:] == ["--workload", name]
    assert not any(service.autostart for service in services.values())


def test_the_main_jobs_feeds_keep_their_names() -> None:
    found = [service.name for service in streams.workload_services(Settings(_env_file=None), "ai_tweets")]
    assert found == ["replay", "feed", "feed-x", "stream-ai_tweets"]


def test_declared_programs_become_services(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = Program("scorer", "some.scorer", lambda _: ("--fast",), lambda _: {"other_port": 1})
    declare(monkeypatch, other=replace(AI_TWEETS, services=(scorer,), producers={}))
    service, stream = streams.stream_services(Settings(_env_file=None))
    assert service.command[1:] == ["-m", "some.scorer", "--fast"]
    assert service.ports == {"other_port": 1}
    assert not service.ready()
    assert stream.name == "stream-other"


def test_a_server_of_ones_own_leaves_the_embedded_service_out(monkeypatch: pytest.MonkeyPatch) -> None:
    here = Program("here", "some.scorer")
    elsewhere = Program("elsewhere", "some.scorer", embedded=lambda own: not own.serving_url)
    declare(monkeypatch, other=replace(AI_TWEETS, services=(here, elsewhere), producers={}))
    assert names(Settings(_env_file=None)) == ["here", "elsewhere", "stream-other"]
    assert names(Settings(_env_file=None, serving_url="http://other:1")) == ["here", "stream-other"]


def test_two_programs_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = {"pipe": Producer((Program("pipe", "some.pipe"),))}
    declare(monkeypatch, a=replace(AI_TWEETS, producers=pipe), b=replace(AI_TWEETS, producers=pipe))
    with pytest.raises(UserError, match=r"two programs have the same name: pipe;"):
        streams.stream_services(Settings(_env_file=None))


def test_the_settings_add_to_sparks_options_and_replace_them() -> None:
    settings = Settings(_env_file=None, spark_stream_conf="spark.ui.enabled=true spark.cores.max=8")
    submit = shlex.split(streams.stream(settings, "a").environment["PYSPARK_SUBMIT_ARGS"])
    conf = dict(value.split("=", 1) for option, value in pairwise(submit) if option == "--conf")
    assert (conf["spark.ui.enabled"], conf["spark.cores.max"]) == ("true", "8")
    assert conf["spark.task.maxFailures"] == "8"
    assert submit[submit.index("--master") + 1] == "local[2,8]"


def declare(monkeypatch: pytest.MonkeyPatch, **workloads: Any) -> None:
    """Have these workloads, and none else."""
    monkeypatch.setattr(streams, "workload_names", lambda _: tuple(workloads))
    monkeypatch.setattr(streams, "workload_named", lambda name, _: workloads[name])

"""The workload ``sentiment``: how emotional a message is, scored by two versions that share the traffic."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pyarrow as pa

from include.settings import Settings
from include.streaming.programs import Program
from include.streaming.scorer_choices import HttpJson, InProcess, Output
from include.streaming.workload import Route, Workload
from include.workloads.sentiment.base.settings import (
    TEXTS_PER_REQUEST,
    SentimentSettings,
    Version,
    sentiment_settings,
)
from include.workloads.sentiment.decoder import decode
from include.workloads.sentiment.demo import demo
from include.workloads.sentiment.evidence.evidence import evidence
from include.workloads.sentiment.live_feed import PRODUCERS
from include.workloads.sentiment.models.versions import OUTPUTS, version_name
from include.workloads.sentiment.results import RESULTS
from include.workloads.sentiment.samples import samples

COLUMNS = (
    Output("compound", low=-1.0, high=1.0),
    *(Output(name, low=0.0, high=1.0) for name in OUTPUTS[1:]),
)
PROBE = {"text": "The weather is fine"}


def topics(settings: Settings) -> tuple[str, ...]:
    return (sentiment_settings().topic,)


def request(inputs: pa.RecordBatch) -> dict[str, Any]:
    """What ``POST /predict/batch`` takes."""
    return {"data": inputs.column("text").to_pylist()}


def response(answer: Any) -> Mapping[str, Any]:
    """The outputs of its answer."""
    return {name: [one[name] for one in answer["data"]] for name in OUTPUTS}


def served(version: Version) -> HttpJson:
    """A version behind its service."""
    return HttpJson(
        url=partial(batch_url, version),
        request=request,
        response=response,
        outputs=COLUMNS,
        probe=PROBE,
        version=lambda answer: str(answer["version"]),
        batch=TEXTS_PER_REQUEST,
        in_flight=2,
    )


def batch_url(version: Version, settings: Settings) -> str:
    return f"{sentiment_settings().url(version, settings)}/predict/batch"


def in_process(version: Version) -> InProcess:
    """A version inside the processes that run tasks, to compare."""
    return InProcess(
        "include.workloads.sentiment.models.in_process:score_all",
        outputs=COLUMNS,
        probe=PROBE,
        version=version_name(version),
        options=lambda settings: {"version": version, "max_text": sentiment_settings().max_text},
        batch=TEXTS_PER_REQUEST,
    )


def service(version: Version) -> Program:
    """The program that serves a version, where none of one's own is configured."""
    return Program(
        f"sentiment-{version}",
        "include.workloads.sentiment.service",
        lambda settings: ("--version", version),
        lambda settings: {f"sentiment_{version}_port": sentiment_settings().port(version)},
        embedded=lambda settings: sentiment_settings().embedded(version),
    )


WORKLOAD = Workload(
    "sentiment",
    topics=topics,
    decode=decode,
    scorers={
        "version_a": served("a"),
        "version_b": served("b"),
        "in_process_a": in_process("a"),
        "in_process_b": in_process("b"),
    },
    route=Route(None, {"version_a": 0.8, "version_b": 0.2}),
    results=RESULTS,
    settings=SentimentSettings,
    services=(service("a"), service("b")),
    producers=PRODUCERS,
    samples=samples,
    evidence=evidence,
    demo=demo,
)

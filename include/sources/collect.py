"""Collecting the posts of a dataset version: published once, then identified by their Kafka positions."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from confluent_kafka import Producer
from psycopg.types.json import Jsonb

from include.errors import UserError
from include.infra.kafka.admin import Broker
from include.infra.postgres.connection import connect
from include.schema.dataset_version import parse_version
from include.schema.revision import require_current_schema
from include.settings import Settings, get_settings
from include.sources.forgotten import WithoutForgotten
from include.sources.interface.source import Source
from include.sources.publish import PublishReport, make_producer, publish
from include.sources.registry import make_source
from include.task_log import Pace, counted, log_result

log = logging.getLogger(__name__)

_NEXT_STEP = "choose another version, or make room with the DAG clean_dataset"


class CollectionError(UserError):
    """A version that can't be collected from this source; the message names both."""


def collect_version(
    version: int | str,
    kind: str,
    *,
    path: str | os.PathLike[str] | None = None,
    posts: int | None = None,
    seconds: float | None = None,
    seed: int = 0,
    settings: Settings | None = None,
) -> dict[str, Any]:
    """Collect a version from the source of a kind; see :func:`collect` and ``make_source``."""
    settings = settings or get_settings()
    source = make_source(kind, settings, path=path, posts=posts, seed=seed, version=parse_version(version))
    return collect(version, source, settings, posts=posts, seconds=seconds)


def collect(
    version: int | str,
    source: Source,
    settings: Settings | None = None,
    producer: Producer | None = None,
    *,
    posts: int | None = None,
    seconds: float | None = None,
) -> dict[str, Any]:
    """Publish a source's posts for a version and record their positions; once per version.

    A version that was collected from the same input is left unchanged while Kafka has its posts, and is
    published again if Kafka has dropped them. A live source is read until each topic has half of ``posts``,
    or for ``seconds``. A run that fails leaves no record, so that the next one publishes again.

    Returns:
        ``{"version", "source", "status", "posts": {topic: n}}``, status one of published, unchanged,
        republished.

    Raises:
        CollectionError: the version was collected from another input, or a live one's posts are gone,
            or another run collects it right now.
        SourceError, BrokerUnavailable: as the source and ``publish`` raise them.
    """
    version, settings = parse_version(version), settings or get_settings()
    with _only_one(version, settings) as connection:
        recorded = _recorded(connection, version)
        status = _status(version, source, recorded, settings)
        if recorded and status == "unchanged":
            log_result(f"version {version} is collected already from the same input: nothing is published")
            return _result(version, source, status, recorded["posts"])
        pace = Pace()

        def progress(posts: dict[str, int]) -> None:
            if pace.due():
                log.info("published so far: %s", counted(posts))

        wanted = WithoutForgotten(source, connection)
        report = publish(
            wanted,
            producer or make_producer(settings),
            settings,
            per_topic=_half(posts) if source.live else None,
            seconds=seconds,
            on_progress=progress,
        )
        if not sum(report.posts.values()):
            raise CollectionError(
                f"source {source.kind} yielded no post for version {version}: nothing is recorded"
            )
        _record(connection, version, source, report)
    log_result(f"version {version} from {source.kind}: {status} {counted(report.posts)}")
    if wanted.left_out:
        log_result(f"{wanted.left_out} posts are left out: they are forgotten")
    if report.notices:
        log_result(f"{report.notices} deletion notices: the next run of forget_posts carries them out")
    return _result(version, source, status, report.posts)


def _half(posts: int | None) -> int | None:
    return None if posts is None else max(1, posts // 2)


def _result(version: int, source: Source, status: str, posts: Mapping[str, int]) -> dict[str, Any]:
    return {"version": version, "source": source.kind, "status": status, "posts": dict(posts)}


@contextmanager
def _only_one(version: int, settings: Settings) -> Iterator[psycopg.Connection]:
    """A connection that holds the version's lock until it is closed."""
    with connect(settings, autocommit=True) as connection:
        require_current_schema(connection)
        row = connection.execute(
            "SELECT pg_try_advisory_lock(hashtext('tweetsieve collect'), %s)", [version]
        ).fetchone()
        if not row or not row[0]:
            raise CollectionError(f"version {version} is being collected by another run: wait for it to end")
        yield connection


def _recorded(connection: psycopg.Connection, version: int) -> dict[str, Any] | None:
    row = connection.execute(
        "SELECT source, fingerprint, start_offsets, end_offsets, posts FROM collection WHERE version = %s",
        [version],
    ).fetchone()
    names = ("source", "fingerprint", "start_offsets", "end_offsets", "posts")
    return dict(zip(names, row, strict=True)) if row else None


def _status(version: int, source: Source, recorded: dict[str, Any] | None, settings: Settings) -> str:
    if recorded is None:
        return "published"
    if recorded["fingerprint"] != source.fingerprint():
        raise CollectionError(
            f"version {version} was collected from {recorded['source']} ({recorded['fingerprint']}), "
            f"not from {source.kind} ({source.fingerprint()}): {_NEXT_STEP}"
        )
    if _still_there(recorded, settings):
        return "unchanged"
    if source.live:
        raise CollectionError(
            f"Kafka no longer holds the posts of version {version}, and the live source {source.kind} "
            f"can't provide them again: {_NEXT_STEP}"
        )
    log.warning("Kafka no longer holds the posts of version %d: they are published again", version)
    return "republished"


def _still_there(recorded: dict[str, Any], settings: Settings) -> bool:
    """Whether Kafka holds every recorded position."""
    kept = Broker(settings).spans(list(recorded["end_offsets"]))
    for topic, ends in recorded["end_offsets"].items():
        for partition, end in ends.items():
            start = recorded["start_offsets"].get(topic, {}).get(partition, 0)
            low, high = kept.get(topic, {}).get(int(partition), (0, 0))
            if start < end and not (low <= start and end <= high):
                return False
    return True


def _record(connection: psycopg.Connection, version: int, source: Source, report: PublishReport) -> None:
    connection.execute(
        """
        INSERT INTO collection (version, source, parameters, fingerprint, start_offsets, end_offsets, posts)
        VALUES (%s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (version) DO UPDATE SET
            parameters = excluded.parameters, start_offsets = excluded.start_offsets,
            end_offsets = excluded.end_offsets, posts = excluded.posts, completed_at = now()
        """,
        [
            version,
            source.kind,
            Jsonb(source.parameters()),
            source.fingerprint(),
            Jsonb(report.start_offsets),
            Jsonb(report.end_offsets),
            Jsonb(report.posts),
        ],
    )

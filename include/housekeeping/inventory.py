"""How much there is of everything that grows, and what bounds it: for ``--sizes`` and the dashboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from include.errors import UserError
from include.housekeeping.files import bytes_of
from include.housekeeping.keep_house import days_of, every_kind
from include.housekeeping.kept import Size
from include.infra.kafka.admin import Broker, BrokerUnavailable
from include.settings import Settings


@dataclass(frozen=True)
class Holding:
    """One kind of thing.

    Attributes:
        count: rows, files, folders or messages; of large tables an estimate; None: not known.
        bytes: on the disk; None: not known, as of topics of a broker elsewhere.
        limit: what bounds it, in words.
        setting: the environment's variable of that limit.
        problem: why nothing is known of it; empty where something is.
    """

    name: str
    count: int | None
    bytes: int | None
    limit: str
    setting: str
    problem: str = ""


def inventory(settings: Settings) -> list[Holding]:
    """Everything that grows. What can't be looked at is told in ``problem``, and hides nothing else."""
    return [*_kept(settings), *_topics(settings), _logs(settings), _backups(settings)]


def days_in_words(days: int) -> str:
    """
    >>> days_in_words(0), days_in_words(1), days_in_words(90)
    ('for ever', '1 day', '90 days')
    """
    return "for ever" if days == 0 else "1 day" if days == 1 else f"{days} days"


def _kept(settings: Settings) -> Iterator[Holding]:
    for kind in every_kind(settings):
        limit = days_in_words(days_of(kind, settings))
        yield _looked_at(kind.name, lambda kind=kind: kind.size(settings), limit, kind.setting)  # type: ignore[misc]


def _topics(settings: Settings) -> Iterator[Holding]:
    hours = settings.kafka_retention_hours
    limit = "for ever" if hours < 0 else f"{hours} hours"
    for topic in (settings.ai_topic, settings.mix_topic):
        name = f"messages of {topic}"
        yield _looked_at(name, lambda topic=topic: _topic(topic, settings), limit, "kafka_retention_hours")  # type: ignore[misc]


def _topic(topic: str, settings: Settings) -> tuple[int, int | None]:
    broker = Broker(settings, timeout=2.0)
    ends, begins = (there.get(topic, {}) for there in (broker.highs([topic]), broker.lows([topic])))
    count = sum(end - begins.get(partition, end) for partition, end in ends.items())
    if settings.kafka_bootstrap_servers:
        return count, None
    folders = (settings.state_dir / "kafka").rglob(f"{topic}-[0-9]*")
    return count, sum(bytes_of(folder) for folder in folders)


def _logs(settings: Settings) -> Holding:
    files = [path for path in settings.logs_dir.glob("*") if path.is_file()]
    sizes = sum(map(bytes_of, files))
    return Holding("files of the servers' logs", len(files), sizes, "20 MB each, then they turn over", "")


def _backups(settings: Settings) -> Holding:
    folders = [path for path in _children(settings.backups_dir) if path.is_dir()]
    sizes = sum(map(bytes_of, folders))
    return Holding(
        "backups", len(folders), sizes, f"the latest {settings.backup_keep}", variable("backup_keep")
    )


def variable(setting: str) -> str:
    """The environment's variable of a setting."""
    return f"TWEETSIEVE_{setting.upper()}"


def _looked_at(
    name: str, look: Callable[[], Size | tuple[int, int | None]], limit: str, setting: str
) -> Holding:
    try:
        found = look()
    except (UserError, OSError, psycopg.Error, BrokerUnavailable) as problem:
        told = " ".join(str(problem).split()) or type(problem).__name__
        return Holding(name, None, None, limit, variable(setting), told)
    count, size = (found.count, found.bytes) if isinstance(found, Size) else found
    return Holding(name, count, size, limit, variable(setting))


def _children(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []

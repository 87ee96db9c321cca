"""One round of housekeeping: of every kind of thing, what is older than its limit goes."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

import psycopg

from include.errors import UserError
from include.housekeeping.airflow import AirflowLogs, AirflowMetadata
from include.housekeeping.files import ASIDE, LEFTOVERS
from include.housekeeping.kept import Kept, Size
from include.housekeeping.result_files import RESULT_FILES
from include.housekeeping.tables import SHARED, result_tables
from include.infra.postgres.connection import connect
from include.schema.post_weeks import make_weeks
from include.schema.revision import require_current_schema
from include.settings import Settings, get_settings
from include.task_log import log_result

log = logging.getLogger(__name__)


class HousekeepingFailed(UserError):
    """What could not be looked after; everything else was."""


class HousekeepingUnderWay(UserError):
    """Another process is at it."""


@dataclass(frozen=True)
class Removed:
    """What became of a kind of thing.

    Attributes:
        count: how many were deleted, or would be.
        days: its limit; 0: for ever.
        problem: what stopped it before its end; empty where nothing did.
    """

    name: str
    count: int
    days: int
    setting: str
    problem: str = ""

    def __str__(self) -> str:
        older = f"older than {self.days} days" if self.days else "kept for ever"
        line = f"{self.name}: {self.count:,} ({older}, TWEETSIEVE_{self.setting.upper()})"
        return f"{line}; stopped: {self.problem}" if self.problem else line


def every_kind(settings: Settings) -> list[Kept]:
    """What has a limit, in the order in which it is looked after."""
    return [
        *SHARED,
        *result_tables(settings),
        RESULT_FILES,
        ASIDE,
        LEFTOVERS,
        AirflowLogs(),
        AirflowMetadata(),
    ]


def remove_old(
    settings: Settings, *, dry_run: bool = False, kinds: Sequence[Kept] | None = None
) -> list[Removed]:
    """Delete what is older than its limit; with ``dry_run`` only count it.

    What can't be looked after stops nothing else; it is told in ``problem``.

    Raises:
        HousekeepingUnderWay: another process is at it.
        UserError: the schema is not this release's.
        psycopg.OperationalError: the main database does not answer.
    """
    settings = settings.as_role("keeper")
    with connect(settings) as connection:
        require_current_schema(connection)
    with _alone(settings):
        if not dry_run:
            _make_room(settings)
        return [_one(kind, settings, dry_run) for kind in kinds or every_kind(settings)]


def keep_house(settings: Settings | None = None) -> dict[str, int]:
    """The DAG's task: delete, and log what went; how many of each kind that was.

    Raises:
        HousekeepingFailed: something could not be looked after.
    """
    done = remove_old(settings or get_settings())
    log_result(report(done))
    require_success(done)
    return {one.name: one.count for one in done}


def report(done: Sequence[Removed], *, dry_run: bool = False) -> str:
    """A line with the sum, and one for each kind."""
    told = "would be removed (a dry run: nothing was)" if dry_run else "removed"
    first = f"{sum(one.count for one in done):,} old rows and files {told}"
    return "\n".join([first, *(f"- {one}" for one in done)])


def require_success(done: Sequence[Removed]) -> None:
    """Raise where something could not be looked after.

    Raises:
        HousekeepingFailed: names it, in one line.
    """
    failed = [f"{one.name}: {one.problem}" for one in done if one.problem]
    if failed:
        raise HousekeepingFailed(f"housekeeping was not finished: {'; '.join(failed)}")


def sizes(settings: Settings) -> list[tuple[Kept, Size, int]]:
    """Every kind of thing, how much there is of it, and its limit in days (0: for ever)."""
    return [(kind, kind.size(settings), days_of(kind, settings)) for kind in every_kind(settings)]


def days_of(kind: Kept, settings: Settings) -> int:
    """Its limit; 0: for ever."""
    return cast(int, getattr(settings, kind.setting))


def _one(kind: Kept, settings: Settings, dry_run: bool) -> Removed:
    days, count, problem = days_of(kind, settings), 0, ""
    try:
        if days and dry_run:
            count = kind.outdated(settings, days)
        elif days:
            for batch in kind.remove(settings, days):
                count += batch
    except (UserError, OSError, psycopg.Error) as error:
        problem = " ".join(str(error).split()) or type(error).__name__
    return Removed(kind.name, count, days, kind.setting, problem)


def _make_room(settings: Settings) -> None:
    """Make what is needed from now to some next nights: partitions of weeks to come."""
    with connect(settings, autocommit=True) as connection:
        make_weeks(connection)


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Hold a lock that goes when this process ends."""
    with connect(settings, autocommit=True) as connection:
        query = "SELECT pg_try_advisory_lock(hashtextextended('tweetsieve housekeeping', 0))"
        row = connection.execute(query).fetchone()
        if not (row and row[0]):
            raise HousekeepingUnderWay("housekeeping is under way already: wait for its end")
        yield

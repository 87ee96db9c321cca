"""What every DAG shares: the dataset version as Param, template and timetable.

A dataset version is an asset partition. It maps onto Airflow's partition dates as day number
``version`` since 2000-01-01, so that ``airflow backfill create`` can name a range of versions by
a range of dates (``make backfill`` does that sum) and no list of versions is ever read while the
scheduler works.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pendulum
from airflow.exceptions import InvalidPartitionKeyError
from airflow.plugins_manager import AirflowPlugin
from airflow.sdk import Param
from airflow.timetables.base import DagRunInfo, DataInterval
from airflow.timetables.simple import NullTimetable, PartitionedAssetTimetable
from form_params import integer_param

from include.schema.dataset_version import (
    MAX_VERSION,
    VersionError,
    date_of_version,
    parse_version,
    version_of_date,
)

if TYPE_CHECKING:
    from airflow.utils.types import DagRunType
    from pendulum import DateTime

VERSION = "{{ dag_run.partition_key if dag_run.partition_key is not none else params.version }}"
"""The run's dataset version: its partition key where it has one, else its Param."""

DEFAULT_VERSION = 0

WITHOUT_VERSION = frozenset({"back_up", "forget_posts", "keep_house"})
"""Our DAGs whose runs belong to no dataset version."""

ANY_VERSION = "version"
"""Stands in a run's id until its version is known; see ``version_of_run``."""

_EXAMPLES = ", ".join(f"{version} is {date_of_version(version):%Y-%m-%d}" for version in (0, 1, 31))


def version_param() -> Param:
    """The ``version`` Param, checked by the form, the REST API and the command line alike."""
    return integer_param(
        DEFAULT_VERSION,
        "An integer from 0 to 999999. A run with a partition key takes its version from the key. In a "
        "backfill the dates (UTC) say which versions to run, and this field is not read: version n is the "
        f"day n days after 2000-01-01 ({_EXAMPLES}).",
        minimum=0,
        maximum=MAX_VERSION,
        title="Dataset version",
    )


class _ByDatasetVersion:
    """Backfills by version: one run per day of the range, its number as the partition key."""

    periodic = True
    partitioned = True

    def generate_run_id(
        self, *, run_type: DagRunType, run_after: DateTime, data_interval: DataInterval | None, **extra: Any
    ) -> str:
        """An id with a place for the version, which is not known here: it may be in the run's conf."""
        return run_type.generate_run_id(suffix=f"{ANY_VERSION}__{run_after.isoformat()}")

    def iter_partition_dagrun_infos(self, *, earliest: datetime, latest: datetime) -> Iterable[DagRunInfo]:
        """Yield one run per version whose date lies in ``[earliest, latest]``."""
        now = pendulum.now("UTC")
        first = version_of_date(earliest + timedelta(days=1, microseconds=-1))  # rounded up to a midnight
        versions = range(max(0, first), version_of_date(latest) + 1)
        for position, version in enumerate(versions):
            yield DagRunInfo(
                run_after=now.add(microseconds=position),  # the run's id is made of it: no two alike
                data_interval=None,
                partition_date=pendulum.instance(date_of_version(version)),
                partition_key=str(version),
            )

    def _decode_partition_date(self, partition_key: str) -> datetime | None:
        try:
            version = parse_version(partition_key)
        except VersionError as error:
            raise InvalidPartitionKeyError(str(error)) from error
        if partition_key != str(version):  # to Airflow it would be another partition
            raise InvalidPartitionKeyError(
                f"partition key {partition_key!r}: write version {version} as {version}"
            )
        return date_of_version(version)


class DatasetVersionTimetable(_ByDatasetVersion, NullTimetable):
    """Never scheduled; a run is triggered, or backfilled by a range of versions."""

    description = "On demand, by dataset version"

    @property
    def summary(self) -> str:
        return "By dataset version"


class DatasetVersionAssetTimetable(_ByDatasetVersion, PartitionedAssetTimetable):
    """Follows an asset's partitions (one run per dataset version), and can be backfilled."""

    description = "When its asset has a new dataset version"

    @property
    def summary(self) -> str:
        return "Follows a dataset version"


class DatasetVersionPlugin(AirflowPlugin):
    """Registers the timetables."""

    name = "dataset_version"
    timetables = [DatasetVersionTimetable, DatasetVersionAssetTimetable]  # noqa: RUF012 (Airflow's own shape)

"""The dataset version of a run, whichever door it came by.

A backfill, and a run that follows an asset, have the version as their partition key; a run by the form, the
REST API or the command line usually has it as its Param alone. A run gets both when it is made, and the
version in its id, so that every list of runs shows it (docs/decisions/0027-a-run-shows-its-version.md). The
events of its tasks name the version too, so that followers run for the same one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.plugins_manager import AirflowPlugin
from dataset_version import ANY_VERSION, DEFAULT_VERSION, WITHOUT_VERSION

from include.schema.dataset_version import VersionError, date_of_version, parse_version
from include.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from airflow.sdk import Asset

OURS = frozenset(path.stem for path in (PROJECT_ROOT / "dags").glob("*.py")) - WITHOUT_VERSION
"""Our DAGs by version, each named as its file: another project's run may have a ``version`` of its own."""

BY_ITSELF = ("asset_triggered", "backfill", "scheduled")
"""Types of runs that nobody starts one by one: their key is the version, whatever their conf says."""

MADE_UP = ("asset", "test")
"""Doors whose ids Airflow makes up on the spot (``dags test`` is one), so that nobody looks them up."""

NOT_BY_API = ("cli", "operator")
"""Doors by which an id may be chosen. The API is one too, but its own note can't follow one of ours."""


def publishes(asset: Asset) -> dict[str, Any]:
    """What a task that makes an asset's version is given: ``@task(**publishes(DATASETS))``."""
    return {"outlets": [asset], "post_execute": announce_version}


def announce_version(context: Any, result: Any = None) -> None:
    """Name the run's version as the partition of the task's assets, also where the run has no key."""
    run = context["dag_run"]
    version = run.partition_key if run.partition_key is not None else context["params"]["version"]
    for asset in context["task"].outlets:
        context["outlet_events"][asset].add_partitions(str(parse_version(version)))


def complete(run: dict[str, Any]) -> None:
    """Complete the arguments of a new ``DagRun``: its key, date, Param and id all say the one version.

    A version that can't be read is left to the run's tasks, which refuse it: the scheduler makes runs too,
    and has nobody to tell.

    Raises:
        VersionError: whoever starts the run gives two versions.
    """
    key, asked = run.get("partition_key"), (run.get("conf") or {}).get("version", DEFAULT_VERSION)
    try:
        version = parse_version(asked if key is None else key)
    except VersionError:
        return
    # The form always sends the Param: beside a key its default is no second version.
    if asked not in (DEFAULT_VERSION, version) and _text(run.get("run_type")) not in BY_ITSELF:
        raise VersionError(
            f"partition key {key!r} and Param version {asked!r} are two dataset versions: give one of them"
        )
    run["partition_key"], run["partition_date"] = str(version), date_of_version(version)
    run["conf"] = {**(run.get("conf") or {}), "version": version}
    given, door = run.get("run_id") or "", _text(run.get("triggered_by"))
    run["run_id"] = id_with_version(given, version, made_up=door in MADE_UP)
    if run["run_id"] == given and door in NOT_BY_API:
        run["note"] = run.get("note") or f"dataset version {version}"


def id_with_version(run_id: str, version: int, *, made_up: bool) -> str:
    """An id of our timetables, or one made up, with the version in it; any other stays as somebody chose it.

    >>> id_with_version("manual__version__2026-11-26T10:00:00+00:00", 3, made_up=False)
    'manual__version_3__2026-11-26T10:00:00+00:00'
    >>> id_with_version("asset_triggered__2026-11-26T10:00:00+00:00_x", 3, made_up=True)
    'asset_triggered__version_3__2026-11-26T10:00:00+00:00_x'
    >>> id_with_version("mine", 3, made_up=False)
    'mine'
    """
    kind, place, rest = run_id.partition(f"__{ANY_VERSION}__")
    if made_up and not place:
        kind, place, rest = run_id.partition("__")
    if not place or rest.startswith(f"{ANY_VERSION}_"):  # completed already
        return run_id
    return f"{kind}__{ANY_VERSION}_{version}__{rest}"


def _text(value: Any) -> str:
    return str(getattr(value, "value", value))


def _on_new_run(run: Any, args: Any, kwargs: dict[str, Any]) -> None:
    """SQLAlchemy's event ``init``, in which the arguments may be changed in place."""
    if kwargs.get("dag_id") in OURS:
        complete(kwargs)


class VersionOfRunPlugin(AirflowPlugin):
    """Listens for new runs, in whichever of Airflow's programs one is made."""

    name = "version_of_run"

    @classmethod
    def on_load(cls, *args: Any, **kwargs: Any) -> None:
        """Called once for each way in which Airflow loads plugins."""
        from airflow.models.dagrun import DagRun
        from sqlalchemy import event

        if not event.contains(DagRun, "init", _on_new_run):
            event.listen(DagRun, "init", _on_new_run)

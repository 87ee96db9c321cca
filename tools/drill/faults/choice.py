"""Which faults there are, and which of them a drill goes through."""

from __future__ import annotations

from collections.abc import Sequence

from include.errors import UserError
from tools.drill.faults import poison, positions, servers
from tools.drill.faults.fault import Fault
from tools.drill.testbed.subject import DrillSubject

FAULTS: dict[str, Fault] = {
    "none": servers.none,
    "driver killed": servers.driver_killed,
    "driver's JVM killed": servers.jvm_killed,
    "Python worker killed": servers.python_worker_killed,
    "broker restarted": servers.broker_restarted,
    "Postgres restarted": servers.postgres_restarted,
    "Postgres killed": servers.postgres_killed,
    "model server down": servers.model_server_down,
    "model server: 500": servers.model_server_answers("500"),
    "model server: slow": servers.model_server_answers("slow"),
    "model server: NaN": servers.model_server_answers("NaN"),
    "scoring service killed": servers.scoring_service_killed,
    "checkpoint deleted": positions.checkpoint_deleted,
    "checkpoint damaged": positions.checkpoint_damaged,
    "retention passed": positions.retention_passed,
    "poison": poison.poison,
    "second copy started": servers.second_copy_started,
    "SIGTERM": servers.terminated,
}
"""Every fault by its name, in the order of the drill."""

OF_MODEL_SERVER = frozenset(name for name in FAULTS if name.startswith("model server"))
"""Faults of the model server, for a workload whose scorer asks it."""

WITH_OWN_LOAD = frozenset({"poison"})
"""Faults that are about the pace of a load, and send it themselves."""

OF_SERVICES = frozenset({"scoring service killed"})
"""Faults of the services that a workload declares."""

SHORT = ("driver killed", "Python worker killed", "Postgres killed", "model server: NaN", "SIGTERM")
"""The faults of the short drill."""


def chosen_faults(subject: DrillSubject, asked: Sequence[str] | None, *, short: bool) -> list[str]:
    """The faults of a drill: those asked for, else all that can happen to the workload, or the short ones.

    Raises:
        UserError: one that was asked for can't happen to it.
    """
    possible = [name for name in FAULTS if name not in _impossible(subject)]
    if wrong := set(asked or ()) - set(possible):
        raise UserError(
            f"{', '.join(sorted(wrong))}: can't happen to workload {subject.name}; choose of: "
            f"{', '.join(possible)}"
        )
    return list(asked) if asked else [name for name in possible if not short or name in SHORT]


def _impossible(subject: DrillSubject) -> frozenset[str]:
    without_server = frozenset() if subject.asks_model_server else OF_MODEL_SERVER
    without_large = frozenset() if subject.samples.large else WITH_OWN_LOAD
    return without_server | without_large | (frozenset() if subject.workload.services else OF_SERVICES)

"""What the monitor has to know of a workload; one whose declaration is broken is monitored all the same."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from include.errors import UserError
from include.settings import Settings
from include.streaming.monitor.alerts import Thresholds, thresholds
from include.streaming.registry import workload_named
from include.streaming.workload import Limits, SourceError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class MonitoredWorkload:
    """A workload's name, thresholds, and what in a message is the source's own error."""

    name: str
    thresholds: Thresholds
    source_error: SourceError | None


class MonitoredWorkloads:
    """Workloads by name. One that can't be loaded gets the settings' thresholds, and a log line."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._logged: dict[str, str] = {}

    def named(self, name: str) -> MonitoredWorkload:
        """The workload as it is declared now."""
        try:
            declared = workload_named(name, self._settings)
        except UserError as problem:
            self._log(name, str(problem))
            return MonitoredWorkload(name, thresholds(Limits(), self._settings), None)
        limits = thresholds(declared.limits, self._settings)
        return MonitoredWorkload(name, limits, declared.source_error)

    def _log(self, name: str, problem: str) -> None:
        if self._logged.get(name) != problem:
            self._logged[name] = problem
            log.error("workload %s is monitored by the default thresholds: %s", name, problem)

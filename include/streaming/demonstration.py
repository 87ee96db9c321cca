"""What ``make demo WORKLOAD=<name>`` hands to a workload's own demo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from include.settings import Settings


class RunDag(Protocol):
    """Runs a DAG through Airflow's REST API, as a person does in the UI, and waits for its end."""

    def __call__(
        self, dag_id: str, conf: dict[str, Any], *, timeout: float = 1800, approve: str | None = None
    ) -> None:
        """Raises RuntimeError where the run fails, TimeoutError where it takes longer than ``timeout`` s.

        Args:
            approve: the reason with which an approval that the run asks for is given; None: nobody gives it.
        """


@dataclass(frozen=True)
class Demonstration:
    """A running local stack.

    Attributes:
        settings: the stack's.
        run_dag: runs a DAG and waits, for instance ``stream_classifier`` with this workload.
        say: prints one line of progress.
    """

    settings: Settings
    run_dag: RunDag
    say: Callable[[str], None]


Demo = Callable[[Demonstration], None]
"""A workload's demo: starts what it needs, waits for results and prints them; raises where there are none."""

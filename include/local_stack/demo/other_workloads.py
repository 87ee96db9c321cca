"""The demo that another workload declares in its folder."""

from __future__ import annotations

from typing import Any

from include.errors import UserError
from include.local_stack.addresses import where_to_look
from include.local_stack.airflow.api import AirflowApi
from include.local_stack.airflow.reply import Reply
from include.local_stack.demo.arguments import WORKLOAD
from include.local_stack.demo.progress_lines import say
from include.local_stack.demo.stack import started
from include.settings import Settings
from include.streaming.demonstration import Demo, Demonstration
from include.streaming.registry import workload_named, workload_names

NO_VERSION = 0
"""The DAGs take a dataset version; those of other workloads make no use of it."""


def run(name: str, settings: Settings) -> None:
    """Bring the stack up and run the workload's own demo.

    Raises:
        UserError: no such workload, or it declares no demo; nothing is started then.
        RuntimeError, TimeoutError: a step of the demo failed.
    """
    demo = declared_demo(name, settings)
    airflow = started(settings)
    say(f"demo of workload {name}")
    demo(Demonstration(settings, DagRuns(airflow), say))
    say("all done")
    print("", *where_to_look(settings), sep="\n")


def declared_demo(name: str, settings: Settings) -> Demo:
    """The workload's demo.

    Raises:
        UserError: no such workload, or it declares none; listing those that do.
    """
    demo = workload_named(name, settings).demo
    if demo is None:
        others = [
            other for other in workload_names(settings) if workload_named(other, settings).demo is not None
        ]
        raise UserError(
            f"workload {name} declares no demo (`demo` in its workload.py); there is one for: "
            f"{', '.join([WORKLOAD, *others])}"
        )
    return demo


class DagRuns:
    """Runs DAGs one after the other: :class:`include.streaming.demonstration.RunDag`."""

    def __init__(self, airflow: AirflowApi) -> None:
        self._airflow = airflow

    def __call__(
        self, dag_id: str, conf: dict[str, Any], *, timeout: float = 1800, approve: str | None = None
    ) -> None:
        """Trigger the DAG and wait for the run's end."""
        run_id = self._airflow.trigger(dag_id, NO_VERSION, conf)
        reply = Reply("Approve", {"why": approve}) if approve else None
        self._airflow.wait(dag_id, run_id, timeout, reply=reply)

"""An Airflow worker and triggerer for one task: `python -m` this module with RUN APPROVED.

It runs the operator as Airflow does: a deferred operator is dropped, its trigger is created from its
serialised form and waits, and a new operator resumes. Tests kill the process at any moment.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
from types import SimpleNamespace
from typing import Any


def work(run_id: str, approved: dict[str, Any]) -> int:
    """What the task returns."""
    from airflow.sdk.exceptions import TaskDeferred  # not at the top: pytest imports this file

    sys.path.append("plugins")
    from model_rollout import ModelRollout

    context: Any = {"dag": SimpleNamespace(dag_id="promote_model"), "run_id": run_id}
    method, arguments = "execute", dict[str, Any]()
    while True:
        operator = ModelRollout(task_id="roll_out", approved=[None, approved])
        try:
            return getattr(operator, method)(context, **arguments)
        except TaskDeferred as deferred:
            print("deferred", flush=True)
            method, arguments = (
                deferred.method_name,
                {"event": asyncio.run(wait(*deferred.trigger.serialize()))},
            )


async def wait(class_path: str, arguments: dict[str, Any]) -> Any:
    """The event of the trigger, in a triggerer that knows only what was serialised."""
    module, _, name = class_path.rpartition(".")
    trigger = getattr(importlib.import_module(module), name)(**json.loads(json.dumps(arguments)))
    return (await anext(trigger.run())).payload


if __name__ == "__main__":
    from airflow.sdk.exceptions import AirflowFailException

    try:
        print("done", work(sys.argv[1], json.loads(sys.argv[2])), flush=True)
    except AirflowFailException as error:
        sys.exit(f"failed: {error}")

"""The local stack for a demo: up, and Airflow's REST API as its administrator."""

from __future__ import annotations

from include.console import progress
from include.console.progress import step
from include.local_stack.airflow.api import AirflowApi
from include.local_stack.airflow.server import ADMIN, admin_password, url
from include.local_stack.demo.progress_lines import say
from include.local_stack.stack import up
from include.settings import Settings


def started(settings: Settings) -> AirflowApi:
    """Start what does not run yet, and log in to Airflow.

    Raises:
        StackError: a program did not come up; the message tells what to do.
    """
    with step("starting the local stack", settings.state_dir):
        up(settings, progress.say)
    return AirflowApi(
        url(settings), ADMIN, admin_password(settings), say=say,
        doing=lambda what: step(what, settings.state_dir),
    )  # fmt: skip

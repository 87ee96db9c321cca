"""Who started a run, as Airflow knows it."""

from __future__ import annotations

from typing import Any

from form_params import text_of

NOBODY = ("dag_test",)
"""What Airflow writes in place of a name where a run is one of ``dags test``."""


def started_by(run: Any) -> str | None:
    """The name of who started a run; None where nobody did, as in a backfill, or Airflow does not know.

    >>> from types import SimpleNamespace
    >>> started_by(SimpleNamespace(triggering_user_name="ann"))
    'ann'
    >>> started_by(SimpleNamespace(triggering_user_name="dag_test"))
    """
    name: str | None = run.triggering_user_name
    return None if name in NOBODY else name


def named_or_started_by(param: str | None, context: Any) -> str | None:
    """Who is named by a Param that may be left empty, else who started the run.

    >>> named_or_started_by(" ann ", {})
    'ann'
    """
    return text_of(param) or started_by(context["dag_run"])

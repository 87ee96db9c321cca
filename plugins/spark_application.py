"""An application of ours, handed to spark-submit."""

from __future__ import annotations

from typing import Any

from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.sdk import BaseHook, Context
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowNotFoundException

from include.database_settings import Role
from include.errors import USER_ERROR_EXIT_CODE
from include.settings import PROJECT_ROOT, get_settings
from include.task_log import log_failure

CONNECTION = "spark_default"
LOGGING = PROJECT_ROOT / "spark_apps" / "log4j2.properties"


class SparkApplication(SparkSubmitOperator):
    """Submits ``spark_apps/<app>.py`` by the connection ``spark_default``.

    The connector's jars are looked up when the task runs, so that parsing the DAG touches no disk. A
    missing connection is an error here: the provider would silently turn to ``--master yarn``. An
    application that ends with a user's error fails at once, without a retry.
    """

    def __init__(self, *, app: str, role: Role = "tasks", **kwargs: Any) -> None:
        """See SparkSubmitOperator.

        Args:
            app: the program in ``spark_apps``, without its suffix.
            role: the role with which it logs in to the database, as in docs/database-roles.md.
        """
        super().__init__(
            env_vars={"TWEETSIEVE_DATABASE_ROLE": role},
            application=str(PROJECT_ROOT / "spark_apps" / f"{app}.py"),
            conn_id=CONNECTION,
            name=f"tweetsieve-{app}",
            verbose=False,
            **kwargs,
        )

    def execute(self, context: Context) -> None:
        """Submit and wait for the end.

        Raises:
            AirflowFailException: the connection is missing, or the application says that its
                input has to be corrected first.
        """
        from include.infra.spark.jars import spark_jars

        settings = get_settings()
        _require_connection(CONNECTION)
        self.jars = ",".join(str(jar) for jar in spark_jars(settings))
        self.conf = {
            "spark.driver.memory": settings.spark_driver_memory,
            "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={LOGGING.as_uri()}",
            "spark.ui.enabled": "false",  # a job of seconds: a port less
            **(self.conf or {}),
        }
        try:
            super().execute(context)
        except AirflowException:
            if self._ended_with_user_error():
                told = self._told() or f"{self.application}: see the last `error:` line above"
                log_failure(told)
                raise AirflowFailException(told) from None
            raise

    def _ended_with_user_error(self) -> bool:
        process = self._hook and self._hook._submit_sp
        return bool(process and process.returncode == USER_ERROR_EXIT_CODE)

    def _told(self) -> str:
        """What the application said of the error that ended it."""
        lines = getattr(self._hook, "_last_submit_log_lines", [])
        return next((line for line in reversed(lines) if line.startswith("error: ")), "")


def _require_connection(name: str) -> None:
    try:
        BaseHook.get_connection(name)
    except AirflowNotFoundException as error:
        raise AirflowFailException(
            f"the Airflow connection {name} is missing: define it (AIRFLOW_CONN_{name.upper()} or "
            f"`airflow connections add {name} --conn-type spark ...`) with the master's address"
        ) from error

"""Everything that must be there before the containers' programs start; a second run changes nothing.

python -m include.deployment.prepare
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import psycopg
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from include.console.arguments import CommandParser
from include.console.command import command
from include.database_settings import ADMINISTRATOR
from include.infra.postgres.connection import connect
from include.local_stack.airflow import server as airflow
from include.local_stack.database.preparation import prepare_databases
from include.serving.config import config_file, write_config
from include.settings import Settings, get_settings

DATABASE_SECONDS = 60.0


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Prepare by the environment's settings; code 2 where those are refused."""
    CommandParser("include.deployment.prepare", __doc__).parse_args(argv)
    prepare(get_settings())
    print("prepared: databases, tables, the model server's configuration, Airflow's administrator")
    return 0


def prepare(settings: Settings) -> None:
    """Make the databases, the shared tables, an empty model configuration and Airflow's password.

    The model server reads its configuration when it starts and ends where there is none; an empty one lets
    it open its ports, so that the first promotion finds a server to promote to.

    Raises:
        psycopg.OperationalError: no database server answers within a minute.
    """
    settings = settings.as_role(ADMINISTRATOR)
    _await_database(settings)
    prepare_databases(settings, print)
    config = config_file(settings)
    if not config.exists():
        write_config(config, [])
    airflow.admin_password(settings)


def _await_database(settings: Settings) -> None:
    patient = Retrying(
        retry=retry_if_exception_type(psycopg.OperationalError),
        stop=stop_after_delay(DATABASE_SECONDS),
        wait=wait_fixed(0.5),
        reraise=True,
    )
    patient(connect, settings).close()


if __name__ == "__main__":
    sys.exit(main())

"""Airflow's administrator where it has users and roles: made once, with the password that is kept.

python -m include.local_stack.airflow.accounts
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from include.console.arguments import CommandParser
from include.console.command import command
from include.infra.errors import StackError
from include.local_stack.airflow.server import ADMIN, admin_password
from include.settings import Settings, get_settings


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Make the roles and the administrator, or renew the password; a second run changes nothing."""
    CommandParser("include.local_stack.airflow.accounts", __doc__).parse_args(argv)
    ensure_admin(get_settings())
    print(f"Airflow has its roles, and the user {ADMIN}")
    return 0


def ensure_admin(settings: Settings) -> None:
    """The roles, and the user ``admin`` with the password of the state folder; needs Airflow's environment.

    Raises:
        StackError: Airflow's database refuses the user.
    """
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    password = admin_password(settings)
    with get_application_builder() as builder:
        manager = builder.sm
        manager.sync_roles()
        user = manager.find_user(username=ADMIN)
        if user is None:
            role = manager.find_role("Admin")
            user = manager.add_user(ADMIN, ADMIN, "", f"{ADMIN}@localhost", role, password)
        elif not manager.check_password(ADMIN, password):
            manager.reset_password(user.id, password)
        if not user:
            raise StackError(f"Airflow's database did not take the user {ADMIN}: see the log above")


if __name__ == "__main__":
    sys.exit(main())

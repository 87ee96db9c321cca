"""Changing every secret of a stack.

What uses a secret is stopped first, so that nobody is refused meanwhile: streams end their batch, and go on
from their positions. A secret is on the disk before a server learns it. Killed at any point, ``make rotate``
changes all of them once more, and ``make up`` finishes the change: it has every server take what is on the
disk.
"""

from __future__ import annotations

from collections.abc import Callable

from include.database_settings import ADMINISTRATOR
from include.infra.errors import StackError
from include.infra.postgres.connection import connect
from include.infra.processes import supervisor
from include.infra.processes.page_login import renew_cookie_secret
from include.infra.processes.service import Service
from include.infra.waiting import until
from include.local_stack import stack
from include.local_stack.airflow import keys
from include.local_stack.airflow import server as airflow
from include.local_stack.broker import rotation as broker
from include.local_stack.database import passwords, superuser
from include.local_stack.environment import environment
from include.local_stack.postgres import data_dir
from include.local_stack.programs import FOUNDATIONS, programs
from include.promotion.targets.kubernetes.token import renew_token
from include.settings import Settings
from include.streaming.control.launcher import stream_program

Say = Callable[[str], None]

PATIENCE_SECONDS, POLL_SECONDS = 60.0, 1.0
_RUNNING = """
    SELECT dag_id || '.' || task_id FROM task_instance WHERE state = 'running' ORDER BY 1 LIMIT 5
"""


class TasksRunning(StackError):
    """Tasks are running, which would fail with the keys that they began with."""


def rotate(settings: Settings, say: Say = print, *, now: bool = False) -> None:
    """Change the secrets, and have what was running use the new ones.

    Args:
        now: although tasks are running.

    Raises:
        TasksRunning: tasks are running, and ``now`` is not given; nothing was changed.
        StackError: a program did not start again, or Airflow could not encrypt again; run it once more.
        psycopg.Error: the database does not answer, or refuses the administrator.
        PromotionError: the cluster gave no new token; everything else was changed.
    """
    settings = settings.as_role(ADMINISTRATOR)
    with stack.one_at_a_time(settings):
        states = supervisor.states(settings)
        active = {name for name, state in states.items() if state.active}
        remote = settings.postgres_host != settings.host
        reachable = remote or "postgres" in active
        if reachable and active.intersection(airflow.PROGRAMS) and not now:
            _await_tasks(settings, say)
        users = _users(settings, active)
        _stop(users, settings, say)
        try:
            _change(settings, say, reachable=reachable)
        finally:
            if users:
                stack.start_programs(_users(settings, active), settings, say)
    renew(settings, say)
    say("every secret is another one now; Airflow's password: make password")


def renew(settings: Settings, say: Say) -> None:
    """A new token of the promoter's, where promotion rolls out to a cluster."""
    if settings.promotion_target != "kubernetes":
        return
    ends = renew_token(settings)
    say(f"the cluster's new token holds until {ends:%Y-%m-%d %H:%M} UTC" if ends else _NO_TOKEN)


_NO_TOKEN = "the cluster is reached without a kubeconfig's token: there is none to renew"


def _users(settings: Settings, active: set[str]) -> list[Service]:
    """The active programs that start again, as they keep a password or a key that they once read.

    The servers themselves are told their new secrets; the model server has none.
    """
    spared = (*FOUNDATIONS, "model-server")
    return [service for service in programs(settings) if service.name in active - set(spared)]


def _is_stream(name: str) -> bool:
    return name.startswith(stream_program(""))


def _stop(services: list[Service], settings: Settings, say: Say) -> None:
    names = [service.name for service in services]
    stack.stop_programs([name for name in names if not _is_stream(name)], settings, say)
    stack.stop_programs([name for name in names if _is_stream(name)], settings, say)


def _await_tasks(settings: Settings, say: Say) -> None:
    """Most are over in seconds, such as those that look after a stream every now and then."""
    if running := _running_tasks(settings):
        say(f"waiting for the tasks that are running: {', '.join(running)}")
        until(lambda: not _running_tasks(settings), PATIENCE_SECONDS, POLL_SECONDS)
    if running := _running_tasks(settings):
        raise TasksRunning(
            f"tasks are running ({', '.join(running)}), which would fail with the keys they began with: wait"
            " for them, or give ARGS=--now, and Airflow tries them again"
        )


def _running_tasks(settings: Settings) -> list[str]:
    with connect(airflow.own_database(settings)) as connection:
        return [name for (name,) in connection.execute(_RUNNING).fetchall()]


def _change(settings: Settings, say: Say, *, reachable: bool) -> None:
    keys.renew(settings)
    say("new keys and a new password for Airflow")
    if settings.oidc and not settings.pages_secret:
        renew_cookie_secret(settings)
        say("a new key for the pages' login cookies: people log in again")
    if settings.kafka_bootstrap_servers or settings.kafka_password or "SASL" not in settings.kafka_protocol:
        say("Kafka's password is given, or there is none: left as it is")
    else:
        broker.rotate(settings)
        say("new passwords for Kafka")
    if settings.database_roles:
        changed = passwords.renew(settings)
        say(f"new database passwords for {', '.join(changed) or 'nobody'}")
        if kept := sorted(settings.database_passwords):
            say(f"given by TWEETSIEVE_DATABASE_PASSWORDS, and left as they are: {', '.join(kept)}")
    if settings.postgres_password:
        say(
            f"{settings.postgres_user}'s password is given by TWEETSIEVE_POSTGRES_PASSWORD, and left as it is"
        )
    if not reachable:
        superuser.renew(settings)
        say("the stack is down: the servers learn their new secrets at the next 'make up'")
        return
    with connect(settings, autocommit=True) as connection:
        if settings.database_roles:
            passwords.set_missing_passwords(connection, settings)
        if not settings.postgres_password and settings.postgres_host == settings.host:
            superuser.change(settings, connection, data_dir(settings))
            say(f"a new database password for {settings.postgres_user}")
    keys.finish(settings, environment(settings), say)

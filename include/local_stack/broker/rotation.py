"""New passwords for the embedded Kafka, while it runs or not."""

from __future__ import annotations

from confluent_kafka import KafkaException

from include.infra.errors import StackError
from include.infra.kafka.connection import admin_client
from include.infra.processes import secret_files
from include.infra.processes.service import listens
from include.local_stack.broker import credentials
from include.settings import Settings


def rotate(settings: Settings) -> None:
    """Give the clients' user a new password, and where the broker is down, the broker as well.

    Where it runs, the old password opens no further connection from now on; connections that are open stay
    so until their program ends. Programs that read the settings get the new one with their next client;
    Airflow's connection ``kafka_default`` is in the environment of its programs: restart them.
    Where it is down, the passwords become valid when it starts.

    Raises:
        StackError: the password is not ours to change, or the broker refused; nothing has changed then.
    """
    if settings.kafka_bootstrap_servers or settings.kafka_password:
        given = "BOOTSTRAP_SERVERS" if settings.kafka_bootstrap_servers else "PASSWORD"
        raise StackError(
            f"TWEETSIEVE_KAFKA_{given} is set: change Kafka's password where it is kept, then"
            " TWEETSIEVE_KAFKA_PASSWORD"
        )
    up = listens(settings.host, settings.kafka_port)
    names = [settings.kafka_username] if up else list(credentials.passwords(settings))
    new = {name: credentials.new_password() for name in names}
    if up:
        _set(settings, new)
    secret_files.write(settings.kafka_secrets, credentials.passwords(settings) | new)
    if up:
        credentials.note(settings)


def _set(settings: Settings, new: dict[str, str]) -> None:
    credentials.forget(settings)  # should this end in between, the next start sets what the file says
    try:
        credentials.set_in(admin_client(settings), new)
    except (KafkaException, TimeoutError) as problem:
        why = problem.args[0].str() if isinstance(problem, KafkaException) else "no answer in time"
        raise StackError(f"Kafka did not take a new password: {why}") from problem

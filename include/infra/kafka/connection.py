"""The way to Kafka: every client of the project is made here, or with the options that are made here.

The settings say how (:mod:`include.transport_settings`); each library says it in words of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from confluent_kafka import Consumer, KafkaError, Producer
from confluent_kafka.admin import AdminClient

from include.errors import UserError
from include.settings import Settings

BOOTSTRAP = "bootstrap.servers"

_LOGIN_MODULES = {
    "PLAIN": "org.apache.kafka.common.security.plain.PlainLoginModule",
    "SCRAM-SHA-256": "org.apache.kafka.common.security.scram.ScramLoginModule",
    "SCRAM-SHA-512": "org.apache.kafka.common.security.scram.ScramLoginModule",
}


def client_options(settings: Settings) -> dict[str, str]:
    """Options of librdkafka, as confluent-kafka takes them; they hold the password.

    Source: https://github.com/confluentinc/librdkafka/blob/master/CONFIGURATION.md
    """
    options = {BOOTSTRAP: settings.kafka_bootstrap, "security.protocol": settings.kafka_protocol}
    if settings.kafka_mechanism:
        options |= {
            "sasl.mechanism": settings.kafka_mechanism,
            "sasl.username": settings.kafka_username,
            "sasl.password": settings.broker_password.get_secret_value(),
        }
    files = {
        "ssl.ca.location": settings.kafka_ssl_ca,
        "ssl.certificate.location": settings.kafka_ssl_certificate,
        "ssl.key.location": settings.kafka_ssl_key,
    }
    return options | {name: str(path) for name, path in files.items() if path}


def spark_options(settings: Settings) -> dict[str, str]:
    """Options of Spark's source and sink: those of Kafka's Java client, each after ``kafka.``.

    They hold the password, and the private key where there is one: Java takes certificate and key from one
    file, or as they are. Spark shows neither (``spark.sql.redaction.options.regex`` of
    :mod:`include.infra.spark.session`).
    """
    options = {BOOTSTRAP: settings.kafka_bootstrap, "security.protocol": settings.kafka_protocol}
    if mechanism := settings.kafka_mechanism:
        password = settings.broker_password.get_secret_value()
        options |= {
            "sasl.mechanism": mechanism,
            "sasl.jaas.config": jaas(mechanism, username=settings.kafka_username, password=password),
        }
    if settings.kafka_ssl_ca:
        options |= {"ssl.truststore.type": "PEM", "ssl.truststore.location": str(settings.kafka_ssl_ca)}
    if settings.kafka_ssl_certificate and settings.kafka_ssl_key:
        options |= {
            "ssl.keystore.type": "PEM",
            "ssl.keystore.certificate.chain": settings.kafka_ssl_certificate.read_text(encoding="ascii"),
            "ssl.keystore.key": settings.kafka_ssl_key.read_text(encoding="ascii"),
        }
    return {f"kafka.{name}": value for name, value in options.items()}


def jaas(mechanism: str, **options: str) -> str:
    r"""A line of JAAS configuration, as Kafka's Java classes read it.

    >>> jaas("PLAIN", username="me", password='a"b\\c')
    'org.apache.kafka.common.security.plain.PlainLoginModule required username="me" password="a\\"b\\\\c";'
    """
    words = [f'{name}="{value.translate(_IN_QUOTES)}"' for name, value in options.items()]
    return " ".join([_LOGIN_MODULES[mechanism], "required", *words]) + ";"


_IN_QUOTES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})
"""What ends or changes a quoted word of java.io.StreamTokenizer, which reads it."""


def airflow_extra(settings: Settings) -> dict[str, str]:
    """The extra of Airflow's connection: its provider hands it to confluent-kafka."""
    return client_options(settings)


class NoKafkaPassword(UserError):
    """Kafka is to be logged in to, and no password is given, nor has one been generated."""


def _log_in_options(settings: Settings) -> dict[str, str]:
    """As ``client_options``, for a client that is made now.

    Raises:
        NoKafkaPassword: see there.
    """
    if settings.kafka_mechanism and not settings.broker_password.get_secret_value():
        raise NoKafkaPassword(
            f"there is no password yet for user {settings.kafka_username} of Kafka at "
            f"{settings.kafka_bootstrap}: 'make up' generates it, or give one by TWEETSIEVE_KAFKA_PASSWORD"
        )
    return client_options(settings)


OnError = Callable[[KafkaError], None]


def admin_client(settings: Settings, on_error: OnError | None = None) -> AdminClient:
    """A client for topics and positions. It logs nothing: what fails is raised.

    Args:
        on_error: called from its ``poll`` with what happens to its connections.
    """
    options: dict[str, Any] = {**_log_in_options(settings), "log_level": 0}
    if on_error:
        options["error_cb"] = on_error
    return AdminClient(options)


def make_producer(settings: Settings, options: Mapping[str, object] | None = None) -> Producer:
    """A producer with further options of librdkafka."""
    return Producer({**_log_in_options(settings), **(options or {})})


def make_consumer(settings: Settings, options: Mapping[str, object] | None = None) -> Consumer:
    """A consumer with further options of librdkafka, ``group.id`` among them."""
    return Consumer({**_log_in_options(settings), **(options or {})})

"""Which errors of Kafka's clients no waiting mends, and which settings mend them."""

from __future__ import annotations

from confluent_kafka import KafkaError

from include.settings import Settings

_RIGHTS = frozenset(
    {
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
        KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    }
)
_PASSWORD = frozenset({KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED})


def refused(settings: Settings, *errors: KafkaError | None) -> str | None:
    """What is wrong and which settings to correct, where one of the errors is a refusal; no secret."""
    for error in errors:
        if error is None:
            continue
        if error.code() in _RIGHTS:
            return (
                f"Kafka at {settings.kafka_bootstrap} gives user {settings.kafka_username} too few rights "
                f"({error.str()}): grant them there, or name another user with TWEETSIEVE_KAFKA_USERNAME"
            )
        if error.code() in _PASSWORD:
            return _wrong_password(settings)
        if error.code() == KafkaError._SSL:
            return (
                f"the TLS connection to Kafka at {settings.kafka_bootstrap} failed ({_reason(error)}):"
                " correct TWEETSIEVE_KAFKA_SSL_CA, or the name of the host in"
                " TWEETSIEVE_KAFKA_BOOTSTRAP_SERVERS"
            )
    return None


def _wrong_password(settings: Settings) -> str:
    who = f"Kafka at {settings.kafka_bootstrap} refuses user {settings.kafka_username} or its password"
    if settings.kafka_bootstrap_servers or settings.kafka_password:
        how = (
            f" by {settings.kafka_mechanism}: correct TWEETSIEVE_KAFKA_PASSWORD, TWEETSIEVE_KAFKA_USERNAME or"
            " TWEETSIEVE_KAFKA_SASL_MECHANISM"
        )
        return who + how
    return f"{who} in {settings.kafka_secrets}: 'make down' and 'make up' make them one again"


def _reason(error: KafkaError) -> str:
    """Without the client's own address in front.

    >>> _reason(KafkaError(KafkaError._SSL, "ssl://h:1/bootstrap: SSL handshake failed: bad (after 3ms)"))
    'SSL handshake failed: bad (after 3ms)'
    """
    return error.str().partition(": ")[2] or error.str()

"""Who may speak to the embedded Kafka's two listeners, and how they prove it.

Clients by SCRAM: neither side tells the other its password, so that a program which took the port while the
broker is down learns nothing. The controller knows no SCRAM (KIP-900) and takes PLAIN, from the broker alone,
which is the same process and holds that port itself.
"""

from __future__ import annotations

from include.infra.kafka.connection import jaas
from include.local_stack.broker.credentials import BROKER
from include.settings import Settings

CLIENTS, CONTROLLER = "CLIENTS", "CONTROLLER"
SCRAM, PLAIN = "SCRAM-SHA-512", "PLAIN"


def listeners(settings: Settings, secret: str, mechanism: str = SCRAM) -> dict[str, str]:
    """Properties of the broker's listeners.

    Args:
        secret: of the user BROKER.
        mechanism: by which BROKER and clients log in; PLAIN knows BROKER alone.
    """
    own = f"{CLIENTS}://{settings.host}:{settings.kafka_port}"
    controller = f"{CONTROLLER}://{settings.host}:{settings.kafka_controller_port}"
    protocol = settings.kafka_protocol
    addresses = {
        "listeners": f"{own},{controller}",
        "advertised.listeners": f"{own},{controller}",
        "listener.security.protocol.map": f"{CLIENTS}:{protocol},{CONTROLLER}:SASL_PLAINTEXT",
        "controller.listener.names": CONTROLLER,
        "inter.broker.listener.name": CLIENTS,
    }
    return addresses | _controller(secret) | (_clients(secret, mechanism) if "SASL" in protocol else {})


def _controller(secret: str) -> dict[str, str]:
    return {"sasl.mechanism.controller.protocol": PLAIN, **_login(CONTROLLER, PLAIN, secret)}


def _clients(secret: str, mechanism: str) -> dict[str, str]:
    return {"sasl.mechanism.inter.broker.protocol": mechanism, **_login(CLIENTS, mechanism, secret)}


def _login(listener: str, mechanism: str, secret: str) -> dict[str, str]:
    users = {f"user_{BROKER}": secret} if mechanism == PLAIN else {}
    prefix = f"listener.name.{listener.lower()}"
    return {
        f"{prefix}.sasl.enabled.mechanisms": mechanism,
        f"{prefix}.{mechanism.lower()}.sasl.jaas.config": jaas(
            mechanism, username=BROKER, password=secret, **users
        ),
    }

"""The two users of the embedded Kafka: the clients' own, and the broker itself.

Kafka keeps verifiers (SCRAM) among its metadata, which only its formatting tool and a running broker write.
A mark in the state folder tells whether they are those of the passwords that the state folder has.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from pathlib import Path

from confluent_kafka.admin import (
    AdminClient,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialAlteration,
    UserScramCredentialUpsertion,
)

from include.infra.processes.secret_files import kept, private_folder, write_private
from include.settings import Settings

BROKER = "_broker"
"""The broker's own name, towards itself and its controller; no setting can name it."""

ITERATIONS = 8192
ANSWER_SECONDS = 30.0


def passwords(settings: Settings) -> dict[str, str]:
    """Each user's password: the given one, else the state folder's, generated at the first call."""
    names = [BROKER] if settings.kafka_password else [BROKER, settings.kafka_username]
    found = kept(settings.kafka_secrets, dict.fromkeys(names, new_password))
    given = settings.kafka_password.get_secret_value()
    return {BROKER: found[BROKER], settings.kafka_username: given or found[settings.kafka_username]}


def new_password() -> str:
    """256 random bits, which need no escaping anywhere."""
    return secrets.token_urlsafe(32)


def format_options(settings: Settings) -> list[str]:
    """The formatting tool's options that create the users.

    They hold what a password's owner proves to know: hand them over in a file.
    """
    return [word for user, own in passwords(settings).items() for word in ("--add-scram", _scram(user, own))]


def _scram(user: str, password: str) -> str:
    salt = secrets.token_bytes(32)
    salted = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
    fields = {"name": user, "iterations": str(ITERATIONS)}
    binary = {"salt": salt, "saltedpassword": salted}
    words = [f"{name}={value}" for name, value in fields.items()]
    words += [f'{name}="{base64.b64encode(value).decode()}"' for name, value in binary.items()]
    return f"SCRAM-SHA-512=[{','.join(words)}]"


def set_in(admin: AdminClient, new: dict[str, str]) -> None:
    """Give users of a running broker these passwords.

    Raises:
        KafkaException: it refused, or gave no answer.
    """
    how = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS)
    changes: list[UserScramCredentialAlteration] = [
        UserScramCredentialUpsertion(user, how, own.encode()) for user, own in new.items()
    ]
    for done in admin.alter_user_scram_credentials(changes, request_timeout=ANSWER_SECONDS).values():
        done.result(ANSWER_SECONDS)


def storage(settings: Settings) -> Path:
    """The broker's messages and metadata."""
    return settings.state_dir.absolute() / "kafka" / "data"


def are_set(settings: Settings) -> bool:
    """Whether the broker's data have the passwords of the settings."""
    mark = _mark(settings)
    return mark.exists() and mark.read_text(encoding="utf-8") == _fingerprint(settings)


def note(settings: Settings) -> None:
    """Remember that they have."""
    private_folder(_mark(settings).parent)
    write_private(_mark(settings), _fingerprint(settings))


def forget(settings: Settings) -> None:
    """Let the passwords be set at the broker's next start."""
    _mark(settings).unlink(missing_ok=True)


def _mark(settings: Settings) -> Path:
    return settings.kafka_secrets.with_name("kafka.set")


def _fingerprint(settings: Settings) -> str:
    """Tells whether users, passwords or the broker's data are others; no password can be guessed from it."""
    identity = (storage(settings) / "meta.properties").read_bytes().splitlines()
    cluster = b"".join(line for line in identity if line.startswith((b"cluster.id", b"directory.id")))
    known = json.dumps(passwords(settings), sort_keys=True).encode()
    return hashlib.scrypt(known, salt=cluster, n=2**14, r=8, p=1).hex()

"""How clients reach Kafka and Postgres, and prove who they are: part of :class:`include.settings.Settings`.

What contradicts itself is refused when the settings are read: a connection that is less safe than its owner
thinks would not show otherwise.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings


def _none_if_empty(value: object) -> object:
    """Empty means not given, as where docker compose fills in a variable that is not set."""
    return None if value == "" else value


def _one_word(secret: SecretStr) -> SecretStr:
    """As a line of Spark's file of settings holds it."""
    if not re.fullmatch(r"[!-~]*", secret.get_secret_value()):
        raise ValueError("Input should be of visible ASCII characters alone")
    return secret


Protocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]
SslMode = Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]
File = Annotated[Path | None, BeforeValidator(_none_if_empty)]
"""A PEM file; None: none is given."""

PREFIX = "TWEETSIEVE_"
KAFKA_FILES = ("kafka_ssl_ca", "kafka_ssl_certificate", "kafka_ssl_key")


class TransportSettings(BaseSettings):
    """Addresses of Kafka, and the security of the connections to it and to Postgres."""

    kafka_bootstrap_servers: str | None = Field(
        None, description="Brokers, host:port[,host:port]; empty means the embedded one."
    )
    kafka_security_protocol: Annotated[Protocol | None, BeforeValidator(_none_if_empty)] = Field(
        None,
        description="PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL; empty means SASL_PLAINTEXT with the embedded"
        " broker, PLAINTEXT with others.",
    )
    kafka_sasl_mechanism: Annotated[Mechanism | None, BeforeValidator(_none_if_empty)] = Field(
        None, description="PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512, the default."
    )
    kafka_username: str = Field("tweetsieve", min_length=1, description="Kafka's user, with SASL.")
    kafka_password: SecretStr = Field(
        SecretStr(""), description="Its password; empty means the one that was generated in the state folder."
    )
    kafka_ssl_ca: File = Field(
        None, description="Certificates (PEM) that the brokers' are checked against; empty: the system's."
    )
    kafka_ssl_certificate: File = Field(None, description="Certificate (PEM) that we show to the brokers.")
    kafka_ssl_key: File = Field(None, description="Its private key (PEM, PKCS #8, not encrypted).")

    postgres_sslmode: Annotated[SslMode | None, BeforeValidator(_none_if_empty)] = Field(
        None,
        description="disable, allow, prefer, require, verify-ca or verify-full, as libpq means them; empty:"
        " prefer.",
    )
    postgres_sslrootcert: File = Field(
        None, description="Certificates (PEM) that the database's is checked against, by verify-ca and -full."
    )
    postgres_sslcert: File = Field(None, description="Certificate (PEM) that we show to the database.")
    postgres_sslkey: File = Field(
        None, description="Its private key (PEM); the same key as <name>.pk8 (PKCS #8, DER) for Spark."
    )

    spark_secret: Annotated[SecretStr, AfterValidator(_one_word)] = Field(
        SecretStr(""),
        description="Shared secret of a Spark standalone cluster; empty: the cluster asks for none.",
    )

    @property
    def kafka_protocol(self) -> Protocol:
        """The protocol in use."""
        embedded: Protocol = "PLAINTEXT" if self.kafka_bootstrap_servers else "SASL_PLAINTEXT"
        return self.kafka_security_protocol or embedded

    @property
    def kafka_mechanism(self) -> Mechanism | None:
        """How a password is proved; None where none is asked for."""
        return (self.kafka_sasl_mechanism or "SCRAM-SHA-512") if "SASL" in self.kafka_protocol else None

    @model_validator(mode="after")
    def _kafka_is_of_one_mind(self) -> Self:
        protocol = f"{PREFIX}KAFKA_SECURITY_PROTOCOL={self.kafka_protocol}"
        if not self.kafka_bootstrap_servers and (wrong := self._not_embedded()):
            raise ValueError(
                f"{wrong} is not for the embedded Kafka, which takes SASL_PLAINTEXT with SCRAM-SHA-512, or"
                f" PLAINTEXT: leave that out, or name a Kafka of your own by {PREFIX}KAFKA_BOOTSTRAP_SERVERS"
            )
        if self.kafka_bootstrap_servers and self.kafka_mechanism and not self.kafka_password:
            raise ValueError(f"{PREFIX}KAFKA_PASSWORD is empty, and {protocol} needs it")
        if self.kafka_password and not self.kafka_mechanism:
            raise ValueError(
                f"{PREFIX}KAFKA_PASSWORD is given, and {protocol} sends none: choose SASL_SSL, or"
                " SASL_PLAINTEXT on a network that is your own"
            )
        _require_files(self, *KAFKA_FILES)
        _require_pair(self, "kafka_ssl_certificate", "kafka_ssl_key")
        given = [name for name in KAFKA_FILES if getattr(self, name)]
        if given and not self.kafka_protocol.endswith("SSL"):
            raise ValueError(
                f"{PREFIX}{given[0].upper()} is given, and {protocol} does not encrypt: choose SSL or"
                " SASL_SSL"
            )
        if self.kafka_ssl_key and b"-----BEGIN PRIVATE KEY-----" not in self.kafka_ssl_key.read_bytes():
            raise ValueError(
                f"{PREFIX}KAFKA_SSL_KEY: {self.kafka_ssl_key} is no PKCS #8 key in PEM: convert it by"
                " openssl pkcs8 -topk8 -nocrypt -in <key> -out <new key>"
            )
        return self

    def _not_embedded(self) -> str | None:
        """The first setting that the embedded broker has no use for."""
        if self.kafka_protocol.endswith("SSL"):
            return f"{PREFIX}KAFKA_SECURITY_PROTOCOL={self.kafka_protocol}"
        if self.kafka_mechanism not in ("SCRAM-SHA-512", None):
            return f"{PREFIX}KAFKA_SASL_MECHANISM={self.kafka_mechanism}"
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.@_-]*", self.kafka_username):
            return f"a {PREFIX}KAFKA_USERNAME other than of letters, digits and .@_-"
        return None

    @model_validator(mode="after")
    def _postgres_is_of_one_mind(self) -> Self:
        mode = f"{PREFIX}POSTGRES_SSLMODE={self.postgres_sslmode or 'prefer'}"
        checks = self.postgres_sslmode in ("verify-ca", "verify-full")
        if checks and not self.postgres_sslrootcert:
            raise ValueError(
                f"{PREFIX}POSTGRES_SSLROOTCERT is empty, and {mode} needs it: a file of certificates, such as"
                " /etc/ssl/certs/ca-certificates.crt"
            )
        if self.postgres_sslrootcert and not checks:
            raise ValueError(
                f"{PREFIX}POSTGRES_SSLROOTCERT is given, and {mode} does not check it: choose verify-full"
            )
        _require_files(self, "postgres_sslrootcert", "postgres_sslcert", "postgres_sslkey")
        _require_pair(self, "postgres_sslcert", "postgres_sslkey")
        return self


def _require_files(settings: BaseSettings, *names: str) -> None:
    for name in names:
        path: Path | None = getattr(settings, name)
        try:
            if path is not None and b"-----BEGIN " not in path.read_bytes():
                raise ValueError(f"{PREFIX}{name.upper()}: {path} holds nothing in PEM form")
        except OSError as problem:
            reason = problem.strerror or "it can't be read"
            raise ValueError(f"{PREFIX}{name.upper()}: {path}: {reason}") from problem


def _require_pair(settings: BaseSettings, certificate: str, key: str) -> None:
    for given, missing in ((certificate, key), (key, certificate)):
        if getattr(settings, given) and not getattr(settings, missing):
            raise ValueError(
                f"{PREFIX}{missing.upper()} is empty, and {PREFIX}{given.upper()} is nothing without it"
            )

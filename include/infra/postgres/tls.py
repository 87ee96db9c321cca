"""TLS to Postgres, in the words of each library; and which of its failures no waiting mends."""

from __future__ import annotations

import re

import psycopg

from include.errors import UserError
from include.settings import Settings

_REFUSALS = re.compile(
    r"certificate verify failed|does not match host name|does not support SSL, but SSL was required"
    r"|alert (certificate|unknown ca|bad certificate|handshake)|not compiled in"
    r"|root certificate file|certificate file|private key file|valid client certificate|no encryption"
)
"""Of libpq's messages; those of a connection that breaks off speak of SSL as well, and are outages."""


class DatabaseRefuses(UserError, psycopg.OperationalError):
    """The server and the settings do not agree on TLS."""


def libpq_options(settings: Settings) -> dict[str, str]:
    """For psycopg, psycopg2, pg_dump and all else that is libpq; only what is given.

    Source: https://www.postgresql.org/docs/current/libpq-ssl.html
    """
    given = {
        "sslmode": settings.postgres_sslmode,
        "sslrootcert": settings.postgres_sslrootcert,
        "sslcert": settings.postgres_sslcert,
        "sslkey": settings.postgres_sslkey,
    }
    return {name: str(value) for name, value in given.items() if value}


def jdbc_options(settings: Settings) -> dict[str, str]:
    """The same for the JDBC driver, which reads a private key in PKCS #8, DER alone.

    Source: https://jdbc.postgresql.org/documentation/ssl/

    Raises:
        UserError: the key is not there in that form.
    """
    options = libpq_options(settings)
    if key := settings.postgres_sslkey:
        converted = key.with_suffix(".pk8")
        if not converted.exists():
            raise UserError(
                f"{converted} is missing: Spark's driver needs TWEETSIEVE_POSTGRES_SSLKEY in that form too; "
                f"openssl pkcs8 -topk8 -nocrypt -outform DER -in {key} -out {converted}"
            )
        options["sslkey"] = str(converted)
    return options


def explained(problem: psycopg.OperationalError, settings: Settings) -> psycopg.OperationalError:
    """The error itself, or what to correct where it is a refusal."""
    if not _REFUSALS.search(str(problem)):
        return problem
    reason = " ".join(str(problem).split())
    return DatabaseRefuses(
        f"the TLS connection to PostgreSQL at {settings.postgres_host}:{settings.postgres_port} failed"
        f" ({reason}): correct TWEETSIEVE_POSTGRES_SSLMODE={settings.postgres_sslmode or 'prefer'},"
        " TWEETSIEVE_POSTGRES_SSLROOTCERT or the host's name"
    )

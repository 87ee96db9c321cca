"""JDBC addresses of Postgres databases, as libpq's connection strings."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlsplit

from psycopg.conninfo import make_conninfo

from include.errors import UserError

PREFIX = "jdbc:postgresql:"

_PARAMETERS = {
    "user": "user",
    "password": "password",
    "sslmode": "sslmode",
    "sslrootcert": "sslrootcert",
    "sslcert": "sslcert",
    "sslkey": "sslkey",
    "ApplicationName": "application_name",
    "connectTimeout": "connect_timeout",
    "targetServerType": "target_session_attrs",
}
"""Parameters of the JDBC driver that libpq has as well.
Source: https://jdbc.postgresql.org/documentation/use/#connection-parameters"""

_SERVER_TYPES = {"any": "any", "primary": "read-write", "secondary": "read-only"}


class BadAddress(UserError):
    """An address that is no JDBC address of a Postgres database, or one with parameters libpq lacks."""


def conninfo_of(url: str, user: str, password: str) -> str:
    """The libpq connection string for a JDBC address; its own user and password count more than the others.

    >>> conninfo_of("jdbc:postgresql://db:5433/sales?sslmode=require", "me", "secret")
    'user=me password=secret connect_timeout=10 sslmode=require host=db port=5433 dbname=sales'

    Raises:
        BadAddress: names what is wrong, never the password.
    """
    if not url.startswith(PREFIX):
        raise BadAddress(
            f"{url.split('//')[0]!r} is not supported as a sink: give the address of a Postgres database, "
            "jdbc:postgresql://host:port/database"
        )
    parts = urlsplit(url.removeprefix("jdbc:"))
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    if unknown := sorted(given.keys() - _PARAMETERS.keys()):
        known = ", ".join(_PARAMETERS)
        raise BadAddress(f"parameters {', '.join(unknown)} of a JDBC sink are none of: {known}")
    if "targetServerType" in given:
        given["targetServerType"] = _SERVER_TYPES.get(given["targetServerType"], "any")
    values = {_PARAMETERS[name]: value for name, value in given.items()}
    hosts = [_host_and_port(host) for host in parts.netloc.split(",")]
    place = {
        "host": ",".join(host for host, _ in hosts),
        "port": ",".join(port for _, port in hosts),
        "dbname": unquote(parts.path).lstrip("/"),
    }
    if not place["dbname"]:
        raise BadAddress("a JDBC sink's address lacks the database: jdbc:postgresql://host:port/database")
    return make_conninfo(**{"user": user, "password": password, "connect_timeout": "10", **values, **place})


def _host_and_port(server: str) -> tuple[str, str]:
    """
    >>> _host_and_port("[::1]:5433"), _host_and_port("db")
    (('::1', '5433'), ('db', '5432'))
    """
    host, colon, port = server.rpartition(":")
    if not colon or port.endswith("]"):
        host, port = server, "5432"
    return host.strip("[]"), port

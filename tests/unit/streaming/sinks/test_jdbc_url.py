from __future__ import annotations

import pytest
from psycopg.conninfo import conninfo_to_dict

from include.streaming.sinks.jdbc_url import BadAddress, conninfo_of


def test_an_address_with_everything() -> None:
    url = (
        "jdbc:postgresql://one:5433,[::1]:5434/sales%20data?user=her&password=p%40ss&sslmode=require"
        "&ApplicationName=stream&targetServerType=primary&connectTimeout=3"
    )
    assert conninfo_to_dict(conninfo_of(url, "me", "secret")) == {
        "user": "her", "password": "p@ss", "host": "one,::1", "port": "5433,5434", "dbname": "sales data",
        "sslmode": "require", "application_name": "stream", "target_session_attrs": "read-write",
        "connect_timeout": "3",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("jdbc:mysql://db/x?password=secret", "'jdbc:mysql:' is not supported"),
        ("postgresql://db/x", "'postgresql:' is not supported"),
        ("jdbc:postgresql://db", "lacks the database"),
        ("jdbc:postgresql://db/x?password=secret&loggerLevel=OFF", "parameters loggerLevel of a JDBC sink"),
    ],
)
def test_an_address_that_cannot_be_used_tells_why_and_not_the_password(url: str, why: str) -> None:
    with pytest.raises(BadAddress, match=why) as error:
        conninfo_of(url, "me", "secret")
    assert "secret" not in str(error.value)

"""The sinks, of which the settings choose some."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from pydantic import SecretStr

from include.errors import UserError
from include.settings import Settings
from include.streaming.sink_choices import SinkChoice, ToFiles, ToJdbc, ToKafka, ToPostgres
from include.workloads.spark_ml.base.settings import spark_ml_settings


class NoAddress(UserError):
    """The sink jdbc is chosen, and its database is not named."""


def sinks(settings: Settings) -> tuple[SinkChoice, ...]:
    """Those that the settings choose.

    Raises:
        NoAddress: see there.
    """
    own = spark_ml_settings()
    if "jdbc" in own.sinks and not own.jdbc_url:
        raise NoAddress(
            "TWEETSIEVE_SPARK_ML_SINKS names jdbc, and TWEETSIEVE_SPARK_ML_JDBC_URL no database: give one,"
            " jdbc:postgresql://host:port/database"
        )
    return tuple(_SINKS[name] for name in own.sinks)


def folder(form: str, settings: Settings) -> Path:
    """Where the files of a form are."""
    base = spark_ml_settings().results or settings.state_dir.absolute() / "results" / "spark_ml"
    return base / form


def _url(settings: Settings) -> str:
    return spark_ml_settings().jdbc_url


def _user(settings: Settings) -> str:
    return spark_ml_settings().jdbc_user or settings.database_user


def _password(settings: Settings) -> SecretStr:
    return spark_ml_settings().jdbc_password or settings.database_password


def _results_topic(settings: Settings) -> str:
    return spark_ml_settings().results_topic


_SINKS: dict[str, SinkChoice] = {
    "parquet": ToFiles("parquet", partial(folder, "parquet")),
    "csv": ToFiles("csv", partial(folder, "csv")),
    "kafka": ToKafka(_results_topic),
    "postgres": ToPostgres(),
    "jdbc": ToJdbc(_url, _user, _password),
}

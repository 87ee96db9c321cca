"""The workload's settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from include.settings import PROJECT_ROOT, read_settings

TOPIC = r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,200}$"
Sink = Literal["parquet", "csv", "kafka", "postgres", "jdbc"]


class SparkMlSettings(BaseSettings):
    """Read from ``TWEETSIEVE_SPARK_ML_<FIELD>``, or from ``.env``; by :func:`spark_ml_settings` alone."""

    model_config = SettingsConfigDict(
        env_prefix="TWEETSIEVE_SPARK_ML_", env_file=PROJECT_ROOT / ".env", extra="ignore", frozen=True
    )

    topic: str = Field("spark_ml_rows", pattern=TOPIC, description="Kafka topic of the rows.")
    results_topic: str = Field(
        "spark_ml_results",
        pattern=TOPIC,
        description="Topic of the sink kafka, for who goes on with results.",
    )
    model_name: str = Field(
        "spark_ml", pattern=r"^[a-z][a-z0-9_]{0,62}$", description="Name of the model in the model store."
    )
    ok_statuses: Annotated[tuple[str, ...], NoDecode] = Field(
        ("OK",), min_length=1, description="What a status says when all is well, separated by commas;"
        " any other is an error, which is alerted.",
    )  # fmt: skip
    sinks: Annotated[tuple[Sink, ...], NoDecode] = Field(
        ("parquet", "csv", "kafka", "postgres"), min_length=1,
        description="Where rows go, separated by commas: parquet, csv, kafka, postgres (the main database),"
        " jdbc (the one of jdbc_url).",
    )  # fmt: skip
    results: Path | None = Field(
        None, description="Folder of the files, parquet/ and csv/ in it; default <state>/results/spark_ml."
    )
    jdbc_url: str = Field("", description="A second Postgres database: jdbc:postgresql://host:port/database.")
    jdbc_user: str = Field("", description="Who owns the tables there; empty: the stream's own role.")
    jdbc_password: SecretStr = Field(SecretStr(""), description="Its password; empty: the stream's own.")

    @field_validator("sinks", "ok_statuses", mode="before")
    @classmethod
    def _by_commas(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))


def spark_ml_settings() -> SparkMlSettings:
    """Read the settings.

    Raises:
        SettingsError: naming each key that is refused or unknown, with what is allowed.
    """
    return read_settings(SparkMlSettings)

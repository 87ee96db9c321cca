"""A refused setting names its key and what is allowed, before anything starts."""

from __future__ import annotations

import pytest

from include.settings import Settings, SettingsError
from include.workloads.spark_ml.base.settings import spark_ml_settings
from include.workloads.spark_ml.workload import WORKLOAD


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("TWEETSIEVE_SPARK_ML_TOPIC", "two topics", "should match pattern"),
        ("TWEETSIEVE_SPARK_ML_MODEL_NAME", "../other", "should match pattern"),
        ("TWEETSIEVE_SPARK_ML_SINKS", "parquet,tape", "'parquet', 'csv', 'kafka', 'postgres' or 'jdbc'"),
        ("TWEETSIEVE_SPARK_ML_SINKS", " , ", "at least 1 item"),
        ("TWEETSIEVE_SPARK_ML_SINK", "csv", "there are: TWEETSIEVE_SPARK_ML_TOPIC"),
    ],
)
def test_the_key_and_the_allowed_values_are_named(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, key: str, value: str, allowed: str
) -> None:
    monkeypatch.setenv(key, value)
    with pytest.raises(SettingsError) as refused:
        WORKLOAD.check_settings()
    assert key in str(refused.value)
    assert allowed in str(refused.value)


def test_lists_are_given_by_commas(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setenv("TWEETSIEVE_SPARK_ML_SINKS", "csv, jdbc,csv")
    monkeypatch.setenv("TWEETSIEVE_SPARK_ML_OK_STATUSES", "OK,all good")
    own = spark_ml_settings()
    assert (own.sinks, own.ok_statuses) == (("csv", "jdbc"), ("OK", "all good"))

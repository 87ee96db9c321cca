from __future__ import annotations

import pytest

from include.settings import Settings
from include.streaming.sink_choices import ToFiles, ToJdbc, ToKafka, ToPostgres
from include.streaming.sinks.factory import files_folder
from include.workloads.spark_ml.stream.sinks import NoAddress, sinks
from include.workloads.spark_ml.workload import WORKLOAD


def test_the_settings_choose_the_sinks(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    assert [type(sink) for sink in WORKLOAD.sinks_of(settings)] == [ToFiles, ToFiles, ToKafka, ToPostgres]
    monkeypatch.setenv("TWEETSIEVE_SPARK_ML_SINKS", "jdbc,parquet")
    monkeypatch.setenv("TWEETSIEVE_SPARK_ML_JDBC_URL", "jdbc:postgresql://elsewhere/x")
    monkeypatch.setenv("TWEETSIEVE_SPARK_ML_JDBC_USER", "somebody")
    there, files = sinks(settings)
    assert isinstance(there, ToJdbc)
    assert (there.url(settings), there.user(settings)) == ("jdbc:postgresql://elsewhere/x", "somebody")
    assert there.password(settings) == settings.database_password
    assert isinstance(files, ToFiles)


def test_two_forms_of_files_have_folders_of_their_own(settings: Settings) -> None:
    files = [sink for sink in sinks(settings) if isinstance(sink, ToFiles)]
    assert len({files_folder(WORKLOAD, sink, settings) for sink in files}) == len(files) == 2


def test_a_second_database_has_to_be_named(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setenv("TWEETSIEVE_SPARK_ML_SINKS", "jdbc")
    with pytest.raises(NoAddress, match="TWEETSIEVE_SPARK_ML_JDBC_URL"):
        sinks(settings)

"""A refused setting names its key and what is allowed, before anything starts."""

from __future__ import annotations

import pytest

from include.settings import Settings
from include.workloads.higgs.base.settings import HiggsSettingsError, higgs_settings
from include.workloads.higgs.workload import WORKLOAD


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("TWEETSIEVE_HIGGS_KEEP_PROBABILITY", "1.5", "above 0, up to 1"),
        ("TWEETSIEVE_HIGGS_KEEP_PROBABILITY", "nan", "above 0, up to 1"),
        ("TWEETSIEVE_HIGGS_KEEP_PROBABILITY", "often", "above 0, up to 1"),
        ("TWEETSIEVE_HIGGS_TOPIC", "two topics", "letters, digits, dots"),
        ("TWEETSIEVE_HIGGS_MODEL_NAME", "../other", "lower-case letters"),
        ("TWEETSIEVE_HIGGS_TOPICS", "x", "there are: TWEETSIEVE_HIGGS_TOPIC"),
    ],
)
def test_the_key_and_the_allowed_values_are_named(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, key: str, value: str, allowed: str
) -> None:
    monkeypatch.setenv(key, value)
    with pytest.raises(HiggsSettingsError) as refused:
        WORKLOAD.topics(settings)
    assert key in str(refused.value)
    assert allowed in str(refused.value)


def test_all_faults_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWEETSIEVE_HIGGS_TOPIC", "")
    monkeypatch.setenv("TWEETSIEVE_HIGGS_KEEP", "0.5")
    with pytest.raises(
        HiggsSettingsError, match=r"TWEETSIEVE_HIGGS_KEEP is no setting.*TWEETSIEVE_HIGGS_TOPIC is ''"
    ):
        higgs_settings()


def test_the_defaults_are_those_of_the_published_system() -> None:
    found = higgs_settings()
    assert (found.topic, found.keep_probability) == ("Machine_Learning", 0.55)
    assert WORKLOAD.trigger.interval == "10 seconds"

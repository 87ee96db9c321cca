"""The workload's settings: what is refused is named, with what is allowed, before anything starts."""

from __future__ import annotations

import pytest

from include.settings import Settings, SettingsError, read_settings
from include.workloads.sentiment.base.settings import SentimentSettings


def refused(monkeypatch: pytest.MonkeyPatch, **values: str) -> str:
    monkeypatch.setitem(SentimentSettings.model_config, "env_file", None)
    for name, value in values.items():
        monkeypatch.setenv(f"TWEETSIEVE_SENTIMENT_{name.upper()}", value)
    with pytest.raises(SettingsError) as problem:
        read_settings(SentimentSettings)
    assert "\n" not in str(problem.value)
    return str(problem.value)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("a_port", "70000", "TWEETSIEVE_SENTIMENT_A_PORT: Input should be less than or equal to 65535"),
        ("max_batch", "10", "TWEETSIEVE_SENTIMENT_MAX_BATCH: Input should be greater than or equal to 1024"),
        ("min_compound", "0.2", "TWEETSIEVE_SENTIMENT_MIN_COMPOUND: Input should be greater than or equal"),
        ("min_neg", "nan", "TWEETSIEVE_SENTIMENT_MIN_NEG: Input should be a finite number"),
        ("b_url", "host:1", "TWEETSIEVE_SENTIMENT_B_URL: String should match pattern"),
        ("topic", "two words", "TWEETSIEVE_SENTIMENT_TOPIC: String should match pattern"),
        ("topik", "x", "TWEETSIEVE_SENTIMENT_TOPIK is no setting; there are: TWEETSIEVE_SENTIMENT_TOPIC,"),
    ],
)
def test_a_refusal_names_the_setting_and_what_it_allows(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    assert refused(monkeypatch, **{name: value}).startswith(said)


def test_settings_that_contradict_each_other_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "A_PORT and TWEETSIEVE_SENTIMENT_B_PORT are the same" in refused(
        monkeypatch, a_port="9000", b_port="9000"
    )
    assert "no evidence could ever be enough" in refused(
        monkeypatch, a_port="9001", evidence_least="500", evidence_rows="100"
    )


def test_a_service_of_ones_own_replaces_the_embedded_one() -> None:
    own = SentimentSettings(_env_file=None, a_url="http://sentiment-a:80/")
    settings = Settings(_env_file=None)
    assert (own.url("a", settings), own.embedded("a")) == ("http://sentiment-a:80", False)
    assert (own.url("b", settings), own.embedded("b")) == ("http://127.0.0.1:8542", True)

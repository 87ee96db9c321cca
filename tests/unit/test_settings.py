"""Settings that are read in a form of their own."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from include.settings import Settings, SettingsError, get_settings


@pytest.mark.parametrize(
    ("text", "scorers"),
    [("", {}), ("{}", {}), ('{"ai_tweets": "saved_model"}', {"ai_tweets": "saved_model"})],
)
def test_scorers_by_workload_are_json_and_empty_means_none(
    monkeypatch: pytest.MonkeyPatch, text: str, scorers: dict[str, str]
) -> None:
    monkeypatch.setenv("TWEETSIEVE_STREAM_SCORERS", text)
    assert Settings(_env_file=None).stream_scorers == scorers


@pytest.mark.parametrize("text", ["saved_model", "[1]", '{"ai_tweets": 1}', "{"])
def test_scorers_that_are_no_json_object_are_refused_with_an_example(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("TWEETSIEVE_STREAM_SCORERS", text)
    with pytest.raises(
        ValidationError, match=r'STREAM_SCORERS is not a JSON object .*\{"ai_tweets": "saved_mod'
    ):
        Settings(_env_file=None)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("POSTGRES_PORT", "geheim", "TWEETSIEVE_POSTGRES_PORT: Input should be a valid integer"),
        ("CANARY_SHARE", "2", "TWEETSIEVE_CANARY_SHARE: Input should be less than 1"),
        ("GATE_LIMITS", "{geheim", "TWEETSIEVE_GATE_LIMITS is not JSON"),
        ("STREAM_SCORERS", "geheim", "TWEETSIEVE_STREAM_SCORERS is not a JSON object"),
        ("PRODUCTION", "true", "TWEETSIEVE_POSTGRES_PASSWORD is empty or has its default value"),
    ],
)
def test_a_refused_setting_is_one_line_with_its_name_and_without_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"TWEETSIEVE_{name}", value)
    get_settings.cache_clear()
    with pytest.raises(SettingsError) as refused:
        get_settings()
    get_settings.cache_clear()
    message = str(refused.value)
    assert message.startswith(said)
    assert "\n" not in message
    assert "geheim" not in message

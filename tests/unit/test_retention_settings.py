"""Limits in days: what is taken, and how the rest is refused."""

from __future__ import annotations

import pytest

from include.retention_settings import RetentionSettings
from include.settings import Settings, SettingsError, get_settings

DAYS = [name for name in RetentionSettings.model_fields if name.endswith("_days")]


@pytest.mark.parametrize("name", DAYS)
@pytest.mark.parametrize("value", ["-1", "-36500", "36501", "99999999999999999999"])
def test_a_limit_that_is_none_is_refused_in_one_line_with_its_name_and_value(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"TWEETSIEVE_{name.upper()}", value)
    get_settings.cache_clear()
    with pytest.raises(SettingsError) as refused:
        get_settings()
    get_settings.cache_clear()
    said = str(refused.value)
    assert said.startswith(
        f"TWEETSIEVE_{name.upper()} is {value}: give a number of days from 1 to 36500, or 0"
    )
    assert "\n" not in said


@pytest.mark.parametrize("name", DAYS)
@pytest.mark.parametrize("value", ["0", "1", "36500"])
def test_a_limit_is_whole_days_and_zero_is_for_ever(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"TWEETSIEVE_{name.upper()}", value)
    assert getattr(Settings(_env_file=None), name) == int(value)


@pytest.mark.parametrize("value", ["", "1.5", "a week", "nan"])
def test_what_is_no_number_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWEETSIEVE_KEEP_LINKS_DAYS", value)
    with pytest.raises(ValueError, match="keep_links_days"):
        Settings(_env_file=None)


def test_dead_letters_are_kept_longer_than_kafka_and_as_long_as_a_quarter() -> None:
    settings = Settings(_env_file=None)
    assert settings.keep_dead_letters_days >= max(90, settings.kafka_retention_hours / 24)


@pytest.mark.parametrize("schedule", ["daily", "45 3 * *"])
def test_a_schedule_that_is_no_cron_is_refused(schedule: str) -> None:
    with pytest.raises(ValueError, match="keep_house_schedule"):
        Settings(_env_file=None, keep_house_schedule=schedule)

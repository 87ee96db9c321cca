"""Settings that are read in a form of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

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


@pytest.fixture
def refusal(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], str]:
    """What is said of a setting with such a value; nothing where it is taken."""

    def told(name: str, value: str) -> str:
        with monkeypatch.context() as inside:
            inside.setenv(f"TWEETSIEVE_{name.upper()}", value)
            try:
                Settings(_env_file=None)
            except ValidationError as error:
                return str(error)
        return ""

    return told


NUMBERS = sorted(name for name, field in Settings.model_fields.items() if field.annotation in (int, float))


@pytest.mark.parametrize("name", NUMBERS)
def test_no_setting_that_is_a_number_takes_what_is_none(
    name: str, refusal: Callable[[str, str], str]
) -> None:
    meant = {("split_seed", "-2")}
    values = {"", "abc", "nan", "inf", "-inf", "-2", "1e999"}
    assert [value for value in values if (name, value) not in meant and not refusal(name, value)] == []


@pytest.mark.parametrize("name", [name for name in Settings.model_fields if name.endswith("_port")])
def test_a_port_is_one_that_there_can_be(name: str, refusal: Callable[[str, str], str]) -> None:
    assert [value for value in ("0", "65536", "8080.5") if not refusal(name, value)] == []
    assert refusal(name, "65535") == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kafka_retention_hours", "0"),
        ("kafka_heap", "0m"),
        ("kafka_heap", "512"),
        ("kafka_heap", "-1g"),
        ("spark_driver_memory", "much"),
        ("spark_driver_memory", "2 g"),
        ("approval_hours", "1e12"),
        ("gate_limits", '{"min_recall": NaN}'),
    ],
)
def test_what_a_server_would_refuse_when_it_starts_is_refused_before(
    name: str, value: str, refusal: Callable[[str, str], str]
) -> None:
    assert name in refusal(name, value)


def test_backups_lie_outside_of_what_clean_state_deletes(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, state_dir=tmp_path / "state")
    assert settings.backups_dir == tmp_path / "state-backups"
    chosen = Settings(_env_file=None, backup_dir=tmp_path / "elsewhere")
    assert chosen.backups_dir == tmp_path / "elsewhere"


@pytest.mark.parametrize("schedule", ["", "  ", "15 3 * * *", "*/5 0-6 1,15 * mon-fri"])
def test_a_schedule_is_cron_or_nothing(schedule: str) -> None:
    assert Settings(_env_file=None, backup_schedule=schedule).backup_schedule == schedule


@pytest.mark.parametrize("schedule", ["daily at three", "15 3 * *", "15 3 * * * *", "x"])
def test_a_schedule_that_is_no_cron_is_refused(schedule: str) -> None:
    with pytest.raises(ValueError, match="backup_schedule"):
        Settings(_env_file=None, backup_schedule=schedule)


def test_at_least_one_backup_is_kept() -> None:
    with pytest.raises(ValueError, match="backup_keep"):
        Settings(_env_file=None, backup_keep=0)

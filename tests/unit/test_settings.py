"""Settings that are read in a form of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from include.settings import Settings


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

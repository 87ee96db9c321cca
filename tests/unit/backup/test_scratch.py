"""What is restored appears as a whole, or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from include.backup.scratch import scratch_folders
from include.infra.errors import StackError
from include.settings import Settings


def own(tmp_path: Path, **values: Any) -> Settings:
    return Settings(_env_file=None, state_dir=tmp_path / "state", **values)


@pytest.mark.parametrize("volume", [False, True])
def test_all_of_it_appears_at_the_end_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, volume: bool
) -> None:
    """Also where the state folder is a volume, over which nothing can be renamed."""
    settings = own(tmp_path, serving_root=tmp_path / "serving")
    (settings.state_dir / "run").mkdir(parents=True)
    monkeypatch.setattr(os.path, "ismount", lambda path: volume and Path(path) == settings.state_dir)
    with pytest.raises(ZeroDivisionError):
        half(settings)
    assert [path.name for path in tmp_path.iterdir()] == ["state"]
    assert [path.name for path in settings.state_dir.iterdir()] == ["run"]
    with scratch_folders(settings) as scratch:
        assert not (settings.state_dir / "postgres").exists()
        (scratch.state_dir / "postgres").mkdir()
        (scratch.serving_dir / "m").mkdir()
    assert (settings.state_dir / "postgres").is_dir()
    assert (settings.serving_dir / "m").is_dir()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["serving", "state"]
    assert [path.name for path in settings.state_dir.iterdir()] == ["postgres"]


def half(settings: Settings) -> None:
    with scratch_folders(settings) as scratch:
        (scratch.state_dir / "postgres").mkdir()
        _ = 1 / 0


def test_a_state_folder_that_was_filled_meanwhile_is_left_alone(tmp_path: Path) -> None:
    settings = own(tmp_path)
    with pytest.raises(StackError, match="was filled while"):
        filled_meanwhile(settings)
    assert [path.name for path in settings.state_dir.iterdir()] == ["postgres"]


def filled_meanwhile(settings: Settings) -> None:
    with scratch_folders(settings):
        (settings.state_dir / "postgres").mkdir(parents=True)


def test_a_folder_of_models_inside_of_the_state_folder_comes_with_it(tmp_path: Path) -> None:
    settings = own(
        tmp_path, model_store=tmp_path / "state" / "my models", serving_root=tmp_path / "served" / "x"
    )
    with scratch_folders(settings) as scratch:
        assert scratch.models_dir == scratch.state_dir / "my models"
        assert not scratch.serving_dir.is_relative_to(scratch.state_dir)
        scratch.models_dir.mkdir()
        assert not settings.models_dir.exists()
    assert settings.models_dir.is_dir()
    assert settings.serving_dir.is_dir()

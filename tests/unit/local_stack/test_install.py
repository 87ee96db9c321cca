from __future__ import annotations

from pathlib import Path

import pytest

from include.local_stack import install


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    file = tmp_path / "requirements.lock"
    file.write_text("orjson==3.0\n")
    (tmp_path / "uv.lock").write_text("uv==0.1\n")
    return file


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What would be run; nothing is installed by these tests."""
    ran: list[list[str]] = []
    monkeypatch.setattr(install, "_run", ran.append)
    monkeypatch.setattr(install, "_make_environment", lambda folder: folder / "bin" / "python")
    return ran


def test_a_second_run_installs_nothing(tmp_path: Path, lock: Path, commands: list[list[str]]):
    install.install(tmp_path, lock, lock.with_name("uv.lock"))
    assert any("sync" in command for command in commands)
    commands.clear()
    install.install(tmp_path, lock, lock.with_name("uv.lock"))
    assert commands == []


def test_nothing_is_installed_without_its_hash(tmp_path: Path, lock: Path, commands: list[list[str]]):
    install.install(tmp_path, lock, lock.with_name("uv.lock"))
    assert commands
    assert all("--require-hashes" in command for command in commands)


@pytest.mark.parametrize("changed", ["requirements.lock", "uv.lock"])
def test_another_lock_is_installed(tmp_path: Path, lock: Path, commands: list[list[str]], changed: str):
    install.install(tmp_path, lock, lock.with_name("uv.lock"))
    commands.clear()
    lock.with_name(changed).write_text("orjson==3.1\n")
    install.install(tmp_path, lock, lock.with_name("uv.lock"))
    assert commands != []


def test_a_failed_installation_is_tried_again(
    tmp_path: Path, lock: Path, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
):
    def fail(command: list[str]) -> None:
        raise install.StackError("no network")

    with monkeypatch.context() as patch:
        patch.setattr(install, "_run", fail)
        with pytest.raises(install.StackError):
            install.install(tmp_path, lock, lock.with_name("uv.lock"))
    install.install(tmp_path, lock, lock.with_name("uv.lock"))
    assert commands != []

"""Secrets of the state folder: made once, private from the first byte, damaged ones told."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from include.infra.errors import StackError
from include.infra.processes.secret_files import kept, private_folder, read, write


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def counter():
    numbers = iter(range(1000))
    return lambda: f"secret {next(numbers)}"


@pytest.fixture(autouse=True)
def open_umask():
    before = os.umask(0)
    yield
    os.umask(before)


def test_a_secret_is_made_once_and_others_are_added_to_it(tmp_path: Path) -> None:
    file, make = tmp_path / "secrets" / "a.json", counter()
    assert kept(file, {"a": make}) == kept(file, {"a": make}) == {"a": "secret 0"}
    assert kept(file, {"a": make, "b": make}) == {"a": "secret 0", "b": "secret 1"}
    assert kept(file, {"a": make}) == {"a": "secret 0", "b": "secret 1"}


def test_folder_and_file_are_their_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o777)
    kept(folder / "a.json", {"a": counter()})
    assert (mode(folder), mode(folder / "a.json")) == (0o700, 0o600)
    write(folder / "a.json", {"a": "another"})
    assert mode(folder / "a.json") == 0o600
    assert os.listdir(folder) == ["a.json"], "a scratch file was left"


def test_of_many_at_once_one_makes_the_secret(tmp_path: Path) -> None:
    make = counter()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: kept(tmp_path / "s" / "a.json", {"a": make})["a"], range(32)))
    assert len(set(found)) == 1


def test_a_damaged_file_is_named_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text('{"a": "sec')
    with pytest.raises(StackError, match=r"a\.json is damaged"):
        read(file)
    with pytest.raises(StackError, match=r"a\.json is damaged"):
        kept(file, {"a": counter()})
    assert file.read_text() == '{"a": "sec'


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make a folder that belongs to somebody else")
def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    os.chown(tmp_path, 12345, 12345)
    with pytest.raises(StackError, match="belongs to somebody else"):
        private_folder(tmp_path)

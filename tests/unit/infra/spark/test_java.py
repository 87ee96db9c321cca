from __future__ import annotations

from pathlib import Path

import pytest

from include.infra.errors import StackError
from include.infra.spark.java import find_java, java_locale, parse_release


def java(folder: Path, version: str) -> Path:
    binary = folder / "bin" / "java"
    binary.parent.mkdir()
    binary.write_text(f"#!/bin/sh\necho '{version}' >&2\n")
    binary.chmod(0o755)
    return binary


@pytest.mark.parametrize("version", ['openjdk version "17.0.15" 2025-04-15', 'openjdk version "21.0.2"'])
def test_java_home_wins(tmp_path: Path, version: str):
    binary = java(tmp_path, version)
    assert find_java(tmp_path) == binary


def test_another_release_is_refused_with_what_to_do(tmp_path: Path):
    java(tmp_path, 'java version "1.8.0_402"')
    with pytest.raises(StackError, match=r"Java 8; Java 17 or 21 is needed: .*apt-get install"):
        find_java(tmp_path)


def test_an_empty_java_home_is_named(tmp_path: Path):
    with pytest.raises(StackError, match=f"JAVA_HOME is {tmp_path}"):
        find_java(tmp_path)


def test_no_java_at_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StackError, match="no java on the PATH"):
        find_java(None)


def test_early_access_release():
    assert parse_release('openjdk version "21-ea" 2023-09-19') == 21


@pytest.mark.parametrize(
    ("variables", "added"),
    [
        ({}, {"LC_ALL": "C.UTF-8"}),
        ({"LANG": "C"}, {"LC_ALL": "C.UTF-8"}),
        ({"LC_ALL": "POSIX", "LANG": "de_DE.UTF-8"}, {"LC_ALL": "C.UTF-8"}),
        ({"LANG": "de_DE.UTF-8"}, {}),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "C"}, {}),
    ],
)
def test_java_gets_a_locale_where_there_is_none(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], added: dict[str, str]
):
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert java_locale() == added

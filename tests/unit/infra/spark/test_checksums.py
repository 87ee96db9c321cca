from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from include.infra.errors import StackError
from include.infra.spark import checksums, jars


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two jars below a folder, pinned as the set 'demo'; another set has a jar of its own."""
    for name, content in (("org.a/one-1.jar", b"one"), ("org.b/two-2.jar", b"two")):
        (tmp_path / "jars" / name).parent.mkdir(parents=True)
        (tmp_path / "jars" / name).write_bytes(content)
    monkeypatch.setattr(checksums, "PINNED", tmp_path / "jars.sha256")
    demo = checksums.checksums(tmp_path / "jars")
    checksums.write_pinned({"demo": demo, "demo2": {"org.a/one-1.jar": "0" * 64}})
    return tmp_path / "jars"


def test_the_pinned_jars_pass(folder: Path) -> None:
    checksums.require_pinned("demo", folder)
    assert checksums.pinned("demo")["org.a/one-1.jar"] == hashlib.sha256(b"one").hexdigest()


def test_a_jar_with_other_content_is_named(folder: Path) -> None:
    (folder / "org.b" / "two-2.jar").write_bytes(b"tampered")
    with pytest.raises(
        StackError, match=r"org\.b/two-2\.jar has SHA-256 [0-9a-f]{64}, pinned is [0-9a-f]{64}"
    ):
        checksums.require_pinned("demo", folder)


def test_a_missing_and_a_new_jar_are_named(folder: Path) -> None:
    (folder / "org.b" / "two-2.jar").rename(folder / "org.b" / "three-3.jar")
    with pytest.raises(StackError, match=r"three-3\.jar has .* pinned is none; .*two-2\.jar has .*missing"):
        checksums.require_pinned("demo", folder)


def test_the_same_jar_of_another_organisation_is_another_one(folder: Path) -> None:
    (folder / "org.b").rename(folder / "evil.b")
    with pytest.raises(StackError, match=r"evil\.b/two-2\.jar"):
        checksums.require_pinned("demo", folder)


def test_every_set_is_pinned() -> None:
    for found in (jars.spark_set(), jars.broker_set()):
        wanted = checksums.pinned(found.name)
        assert wanted
        for coordinate in found.coordinates:
            organisation, name, revision = coordinate.split(":")
            assert f"{organisation}/{name}-{revision}.jar" in wanted, "write them anew by 'make lock'"
        assert not any(path.startswith("org.lz4/") for path in wanted)

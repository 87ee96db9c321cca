"""What is kept of the superuser's password, and what can be read from that."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.local_stack.database import superuser
from include.settings import Settings


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "postgres"
    (folder / "global").mkdir(parents=True)
    (folder / "global" / "pg_control").write_bytes(b"cluster1" + bytes(100))
    return folder


def settings(folder: Path, **values) -> Settings:
    values = {"postgres_password": "", **values}  # the session of tests has one of its own
    return Settings(_env_file=None, state_dir=folder, **values)


def test_it_is_noticed_that_cluster_or_secrets_are_others(tmp_path: Path, data: Path) -> None:
    own = settings(tmp_path)
    assert not superuser.is_set(own, data), "a cluster of an earlier release"
    superuser.note(own, data)
    assert superuser.is_set(own, data)
    (data / "global" / "pg_control").write_bytes(b"cluster2" + bytes(100))
    assert not superuser.is_set(own, data)
    superuser.note(own, data)
    own.postgres_secrets.unlink()
    assert not superuser.is_set(own, data)


def test_the_secret_itself_is_in_one_file_only(tmp_path: Path, data: Path) -> None:
    own = settings(tmp_path)
    superuser.note(own, data)
    secret = superuser.password(own)
    assert len(secret) >= 43
    holders = [path for path in tmp_path.rglob("*") if path.is_file() and secret in path.read_text("latin-1")]
    assert holders == [own.postgres_secrets]
    assert secret not in superuser.verifier(secret)


def test_two_state_folders_have_two_passwords(tmp_path: Path) -> None:
    assert len({superuser.password(settings(tmp_path / name)) for name in "ab"}) == 2

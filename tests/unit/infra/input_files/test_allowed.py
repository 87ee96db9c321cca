"""What runs of DAGs may read and write, and what they are told of the rest."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from include.datasets.golden_files import read_labels
from include.errors import UserError
from include.infra.input_files.allowed import allowed_input, allowed_output, hand_in
from include.infra.input_files.folder import input_files
from include.infra.input_files.location import input_file
from include.infra.input_files.problems import InputFileError
from include.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A state folder within an allowed folder, beside a second one and one that is not allowed."""
    for name in ("state/secrets", "state/inputs", "srv/dumps", "more", "elsewhere"):
        (tmp_path / name).mkdir(parents=True)
    folders = f"{tmp_path}/srv::{tmp_path}/more"
    return Settings(
        _env_file=None, state_dir=tmp_path / "state", input_folders=folders,
        export_folders=str(tmp_path / "more"),
    )  # fmt: skip


def test_files_and_folders_within_are_read(settings: Settings, tmp_path: Path) -> None:
    for file in ("srv/dumps/a.jsonl", "more/b.csv", "state/inputs/c.csv"):
        (tmp_path / file).write_text("id_str,label\n1,1\n")
        assert input_file(allowed_input(str(tmp_path / file), "path", settings)).path == str(tmp_path / file)
    assert str(allowed_input("c.csv", "path", settings)) == str(tmp_path / "state/inputs/c.csv")
    assert str(allowed_input("../srv/dumps/../../more/b.csv", "path", settings)) == str(
        tmp_path / "more/b.csv"
    )
    assert len(input_files(allowed_input(str(tmp_path / "srv"), "path", settings))) == 1
    (tmp_path / "srv/link.csv").symlink_to(tmp_path / "more/b.csv")
    assert [row.line for row in read_labels(allowed_input("link.csv", "golden", settings))] == [2]


def test_paths_outside_are_refused_with_folders_and_next_step(settings: Settings, tmp_path: Path) -> None:
    secret = tmp_path / "elsewhere" / "secret.csv"
    secret.write_text("id_str,label\n1,1\n")
    (tmp_path / "srv/link.csv").symlink_to(secret)
    (tmp_path / "srv/folder").symlink_to(secret.parent)
    (tmp_path / "srv/loop").symlink_to(tmp_path / "srv/loop")
    outside = [
        str(secret), f"file://{secret}", "link.csv", "../elsewhere/secret.csv", "/etc/passwd", "/",
        "/dev/stdin", "/proc/self/environ", *(f"{tmp_path}/{name}" for name in (
            "srv/../elsewhere/secret.csv", "srv/link.csv", "srv/folder/secret.csv", "srvother/a.csv",
            "state/secrets/postgres.json", "srv/dumps/../../state/secrets",
        )),
    ]  # fmt: skip
    for value in outside:
        with pytest.raises(UserError) as refused:
            allowed_input(value, "golden", settings)
        told = str(refused.value)
        assert told.startswith(f"golden: {value!r}"), told
        assert f"{tmp_path}/state/inputs, {tmp_path}/state/exports, {tmp_path}/srv, {tmp_path}/more" in told
        assert "TWEETSIEVE_INPUT_FOLDERS" in told
    for value, why in [
        ("a\0b", "no path"),
        (f"{tmp_path}/srv/loop", "no such file"),
        ("none.csv", "no such file"),
    ]:
        with pytest.raises(UserError, match=why):
            allowed_input(value, "golden", settings)


def test_the_state_folder_stays_private_within_an_allowed_folder(settings: Settings, tmp_path: Path) -> None:
    wide = settings.model_copy(update={"input_folders": f"{tmp_path}:/"})
    (tmp_path / "elsewhere/a.csv").touch()
    (tmp_path / "state/secrets/postgres.json").touch()
    assert str(allowed_input(f"{tmp_path}/elsewhere/a.csv", "path", wide)) == f"{tmp_path}/elsewhere/a.csv"
    for value in (f"{tmp_path}/state/secrets/postgres.json", "/proc/self/environ", "/dev/null"):
        with pytest.raises(UserError, match="is outside of the folders"):
            allowed_input(value, "path", wide)


def test_what_is_no_file_is_refused_without_waiting_for_it(settings: Settings, tmp_path: Path) -> None:
    pipe = tmp_path / "srv/pipe.csv"
    os.mkfifo(pipe)
    with pytest.raises(UserError, match=r"path: .*pipe\.csv is a named pipe: give a file"):
        allowed_input(str(pipe), "path", settings)


def test_what_is_changed_between_the_check_and_the_opening_is_noticed(
    settings: Settings, tmp_path: Path
) -> None:
    file, secret = tmp_path / "srv/a.csv", tmp_path / "elsewhere/secret.csv"
    for path in (file, secret):
        path.write_text("id_str,label\n1,1\n")
    checked = allowed_input(str(file), "path", settings)
    file.unlink()
    file.symlink_to(secret)
    with (
        pytest.raises(InputFileError, match="leads out of the allowed folders"),
        input_file(checked).opened(),
    ):
        pass
    opened = input_file(checked)
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(InputFileError, match="is a named pipe"), opened.opened():
        pass


def test_a_link_within_a_folder_of_dumps_leads_nowhere_else(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "elsewhere/secret.csv").write_text("id_str,text\n1,a\n")
    (tmp_path / "srv/dumps/a.csv").symlink_to(tmp_path / "elsewhere/secret.csv")
    (file,) = input_files(allowed_input("dumps", "path", settings))
    with pytest.raises(InputFileError, match=r"a\.csv: leads out"), file.opened():
        pass


@pytest.mark.parametrize("url", ["filecache::file:///etc/passwd", "zip://a::/etc/a.zip", "memory://a/b",
                                 "tar://x", "FileCache::s3://bucket/a", "dir://etc/passwd"])  # fmt: skip
def test_urls_that_lead_back_to_this_machine_are_refused(settings: Settings, url: str) -> None:
    with pytest.raises(UserError, match=r"path: .* is of no store that runs may read \(s3,"):
        allowed_input(url, "path", settings)
    assert allowed_input("s3://bucket/a.jsonl", "path", settings) == "s3://bucket/a.jsonl"


def test_exports_are_written_where_they_may_be(settings: Settings, tmp_path: Path) -> None:
    assert allowed_output("3", "folder", settings) == tmp_path / "state/exports/3"
    assert allowed_output(f"{tmp_path}/more/new/3", "folder", settings) == tmp_path / "more/new/3"
    (tmp_path / "more/link").symlink_to(tmp_path / "elsewhere")
    for value in (
        f"{tmp_path}/srv",
        f"{tmp_path}/more/link/3",
        "../inputs",
        str(tmp_path / "state"),
        "s3://b/c",
    ):
        with pytest.raises(UserError, match=r"^folder: "):
            allowed_output(value, "folder", settings)


def test_what_a_person_hands_in_by_a_command_is_read_and_nothing_beside_it(
    settings: Settings, tmp_path: Path
) -> None:
    for name in ("mine.csv", "other.csv"):
        (tmp_path / "elsewhere" / name).touch()
    mine = tmp_path / "elsewhere/mine.csv"
    hand_in(settings, str(mine), None, "s3://bucket/a")
    assert str(allowed_input(str(mine), "path", settings)) == str(mine)
    with pytest.raises(UserError, match="is outside"):
        allowed_input(str(mine.with_name("other.csv")), "path", settings)
    for number in range(150):
        hand_in(settings, str(tmp_path / f"{number}.csv"))
    with pytest.raises(UserError, match="is outside"):
        allowed_input(str(mine), "path", settings)
    assert (settings.state_dir / "handed_in.json").stat().st_mode & 0o077 == 0

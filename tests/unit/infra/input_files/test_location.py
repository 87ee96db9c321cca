"""Files of this machine and of stores that fsspec knows, here its own in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from include.infra.input_files.folder import input_files
from include.infra.input_files.layout import Layout
from include.infra.input_files.location import input_file, is_url, require_there, shown
from include.infra.input_files.problems import InputFileError
from include.infra.input_files.reader import Row, read_rows

LAYOUT = Layout({"id": ("id",)})


@pytest.fixture
def store() -> Iterator[str]:
    """A folder in the memory of this process."""
    files = fsspec.filesystem("memory")
    base = "memory://bucket/posts"
    for name, content in (
        ("b.jsonl", b"{}\n"), ("a.csv", b"id\n1\n"), ("sub/c.csv", b"id\n2\n"), ("_SUCCESS", b""),
        (".x.csv", b""),
    ):  # fmt: skip
        with files.open(f"/bucket/posts/{name}", "wb") as file:
            file.write(content)
    yield base
    files.rm("/bucket", recursive=True)


def test_a_store_is_read_like_a_folder(store: str, caplog: pytest.LogCaptureFixture) -> None:
    files = input_files(store)
    assert [file.name for file in files] == [f"{store}/a.csv", f"{store}/b.jsonl", f"{store}/sub/c.csv"]
    assert list(read_rows(files[0], LAYOUT)) == [Row(2, {"id": "1"})]
    assert "3 files are read; left out: 1 hidden (.x.csv); 1 of no known kind (_SUCCESS)" in caplog.text
    assert list(read_rows(input_file(f"{store}/a.csv"), LAYOUT)) == [Row(2, {"id": "1"})]
    require_there(store)


def test_what_is_not_there(store: str, tmp_path: Path) -> None:
    for path in (f"{store}/no.csv", tmp_path / "no.csv"):
        with pytest.raises(InputFileError, match=r"no\.csv: no such file"):
            input_file(path)
        with pytest.raises(InputFileError, match="no such file or folder"):
            input_files(path)
        with pytest.raises(InputFileError, match="no such file or folder"):
            require_there(path)
    for folder in (store, tmp_path):
        with pytest.raises(InputFileError, match="is a folder; give one file"):
            input_file(folder)


def test_a_store_whose_package_is_missing_says_what_to_install() -> None:
    with pytest.raises(InputFileError, match=r"s3://bucket/posts\.jsonl: .*not installed.*s3fs"):
        input_file("s3://bucket/posts.jsonl")
    with pytest.raises(InputFileError, match=r"nowhere://a/b: can't be opened: .*nowhere"):
        input_file("nowhere://a/b")


def test_secrets_of_a_url_are_in_no_message() -> None:
    url = "s3://key:secret@bucket/a.csv?X-Amz-Signature=secret"
    assert shown(url) == "s3://bucket/a.csv"
    with pytest.raises(InputFileError) as error:
        input_file(url)
    assert "secret" not in str(error.value)


def test_a_file_url_is_a_path(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id\n1\n")
    file = input_file(f"file://{tmp_path}/a.csv")
    assert not is_url(f"file://{tmp_path}")
    assert (file.name, file.suffixes) == (f"{tmp_path}/a.csv", [".csv"])


def test_a_folder_tells_what_it_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("README.md", "notes.gz", ".hidden.csv", ".git/a.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    with pytest.raises(InputFileError, match=r"no file ending in \.jsonl.*left out: 2 hidden .*README\.md"):
        input_files(tmp_path)
    for number in range(30):
        (tmp_path / f"{number}.txt").write_text("x")
    for name in ("b.jsonl.zst", "a.csv.bz2", "c.snappy.parquet"):
        (tmp_path / name).write_text("x")
    assert [Path(file.path).name for file in input_files(tmp_path)] == [
        "a.csv.bz2",
        "b.jsonl.zst",
        "c.snappy.parquet",
    ]
    assert "32 of no known kind (0.txt, 1.txt" in caplog.text
    assert "and 22 more" in caplog.text
    assert "2 hidden (.git/a.csv, .hidden.csv)" in caplog.text

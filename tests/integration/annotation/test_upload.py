"""An import in a process of its own: the page's goes on, and no file takes more than its share."""

from __future__ import annotations

import gzip
import io
import json
from uuid import uuid4

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from include.annotation.labels.upload import LabelUpload, UploadRefused, start_upload
from include.annotation.service import AnnotationService
from include.settings import Settings, get_settings
from tests.support.annotators import VERSION, someone
from tests.support.waiting import await_true

pytestmark = pytest.mark.stack


def packed(rows: int) -> bytes:
    """A small file of very many rows, none of them good."""
    line = json.dumps({"id_str": "1", "text": "machine learning " * 20, "label": 7}) + "\n"
    return gzip.compress((line * 10_000).encode()) * (rows // 10_000)


def swollen(megabytes: int) -> bytes:
    """A small parquet file whose texts are large, each the same, in one group of rows."""
    count = megabytes // 2
    table = pa.table(
        {"id_str": [str(n) for n in range(count)], "label": [1] * count, "text": ["x" * 10**6] * count}
    )
    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd", use_dictionary=False)
    return file.getvalue()


def ended(upload: LabelUpload) -> LabelUpload:
    assert upload.ended.wait(120)
    assert not upload.folder.exists()
    return upload


@pytest.fixture
def limited(database: Settings, monkeypatch: pytest.MonkeyPatch):
    """Settings with other limits, which the import's process has too."""

    def change(**limits: int) -> Settings:
        for name, value in limits.items():
            monkeypatch.setenv(f"TWEETSIEVE_{name.upper()}", str(value))
        get_settings.cache_clear()
        return get_settings()

    yield change
    monkeypatch.undo()
    get_settings.cache_clear()


def test_a_file_is_taken_and_told_of(database: Settings, connection: psycopg.Connection) -> None:
    ann, text = someone(), f"deep learning {uuid4().hex}"
    row = json.dumps({"id_str": "1", "text": text, "label": 1, "annotator": "bob"})
    upload = ended(start_upload("of ann.jsonl", row.encode(), ann, VERSION, False, database))
    assert upload.taken
    assert upload.told is not None
    assert upload.told.startswith("of ann.jsonl: 1 lines, 1 labels added")
    events = connection.execute(
        "SELECT annotator, recorded_by FROM label_event WHERE text = %s", [text]
    ).fetchall()
    assert events == [(ann, ann)]


def test_others_are_answered_while_an_import_is_under_way(database: Settings) -> None:
    content = packed(200_000)
    assert len(content) < 10**6
    upload = start_upload("many.jsonl.gz", content, someone(), VERSION, False, database)
    seen = []

    def further() -> bool:
        upload.look()
        seen.append(upload.read)
        return upload.read > 1000

    await_true(further, 60)
    AnnotationService(database).imports(20)
    upload.look()
    assert not upload.ended.is_set(), "the read came back only after the import"
    assert upload.told is None
    assert ended(upload).read >= max(seen)
    assert not upload.taken
    assert upload.told is not None
    assert "many.jsonl.gz" in upload.told or "line 1: " in upload.told
    assert "uploaded.jsonl" not in upload.told


def test_a_file_that_takes_too_long_is_told_by_the_limits_name(limited) -> None:
    upload = ended(
        start_upload("many.jsonl.gz", packed(1_000_000), someone(), VERSION, False, limited(import_seconds=1))
    )
    assert not upload.taken
    assert upload.told is not None
    assert "longer than 1 s (TWEETSIEVE_IMPORT_SECONDS)" in upload.told


def test_a_file_that_needs_too_much_memory_is_told_by_the_limits_name(limited) -> None:
    content = swollen(1200)
    assert len(content) < 10**6
    upload = ended(
        start_upload("x.parquet", content, someone(), VERSION, False, limited(import_memory_mb=150))
    )
    assert not upload.taken
    assert upload.told is not None
    assert "more memory than 150 MB (TWEETSIEVE_IMPORT_MEMORY_MB)" in upload.told


def test_what_is_too_large_or_too_much_at_once_is_refused(limited) -> None:
    settings = limited(import_mb=1, import_seconds=30)
    with pytest.raises(UploadRefused, match=r"a\.csv has 1\.0 MB, the most is 1 MB \(TWEETSIEVE_IMPORT_MB\)"):
        start_upload("a.csv", b"x" * (10**6 + 1), "ann", VERSION, False, settings)
    content = packed(200_000)
    uploads = [start_upload("a.jsonl.gz", content, "ann", VERSION, False, settings) for _ in range(2)]
    with pytest.raises(UploadRefused, match="2 imports are under way already"):
        start_upload("a.jsonl.gz", content, "ann", VERSION, False, settings)
    for one in uploads:
        ended(one)
    assert ended(start_upload("a.jsonl", b"", "ann", VERSION, False, settings)).told

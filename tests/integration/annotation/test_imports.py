"""Whose labels an import adds, what it leaves alone, and undoing one as a whole."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from include.annotation.labels.import_batches import NoSuchImport, NotTheirImport, past_imports, undo_import
from include.annotation.labels.importing import ImportRefused, ImportReport, Upload, import_labels
from include.annotation.labels.transfer import export_labels, import_file, main
from include.annotation.service import AnnotationService
from include.infra.postgres.connection import connect
from include.posts.text import text_hash
from include.settings import Settings
from tests.support.annotators import VERSION, add_event, golden, someone

pytestmark = pytest.mark.stack

LABELS = "SELECT text_hash, annotator, label, agreed_label FROM golden_label ORDER BY 1, 2"


class Files:
    """Label files, one after the other, of rows ``(text, label, annotator or None)``."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._folder, self._settings = folder, settings

    def write(self, *rows: tuple[str, int, str | None], **more: object) -> Path:
        path = self._folder / f"{uuid4().hex}.jsonl"
        lines = [
            json.dumps({"id_str": f"id {text}", "text": text, "label": label, "annotator": who, **more})
            for text, label, who in rows
        ]
        path.write_text("\n".join(lines))
        return path

    def by_command(self, *rows: tuple[str, int, str | None], by: str = "operator") -> ImportReport:
        upload = Upload(by, "labels.jsonl")
        return import_labels(self.write(*rows), VERSION, self._settings, upload=upload)

    def by_page(self, who: str, *rows: tuple[str, int, str | None], partial: bool = False) -> ImportReport:
        upload = Upload(who, "labels.jsonl", names_count=False)
        return import_labels(self.write(*rows), VERSION, self._settings, who, partial, upload)


@pytest.fixture
def files(tmp_path: Path, database: Settings) -> Files:
    return Files(tmp_path, database)


@pytest.fixture
def texts() -> list[str]:
    tag = uuid4().hex
    return [f"post {place} {tag}" for place in range(4)]


def by_hand(connection: psycopg.Connection, text: str, who: str, label: int, action: str) -> None:
    add_event(connection, text_hash(text), who, label, action, text=text)


def of(connection: psycopg.Connection, text: str) -> list[tuple[str, int, int | None]]:
    return golden(connection, text_hash(text))


def test_on_the_page_a_name_in_the_file_changes_nobody_elses_label(
    tagger: psycopg.Connection, files: Files, texts: list[str]
) -> None:
    ann, bob = someone(), someone()
    by_hand(tagger, texts[0], bob, 0, "label")
    rows = [(texts[0], 1, bob), (texts[1], 1, f" {ann.upper()} "), (texts[2], 0, None)]
    report = files.by_page(ann, *rows)
    assert (report.added, report.others) == (3, 1)
    assert f"name somebody else as annotator: 1; as labels they count as those of {ann}" in str(report)
    assert sorted(of(tagger, texts[0])) == sorted([(ann, 1, None), (bob, 0, None)])
    kept = "SELECT DISTINCT annotator, recorded_by, shown FROM label_event WHERE import_id = %s ORDER BY 3"
    assert tagger.execute(kept, [report.batch]).fetchall() == [
        (ann, ann, {}),
        (ann, ann, {"annotator_in_file": bob}),
    ]
    assert files.by_page(ann, *rows).batch is None


def test_two_names_for_one_post_are_one_label_on_the_page_unless_they_contradict(
    tagger: psycopg.Connection, files: Files, texts: list[str]
) -> None:
    ann = someone()
    assert files.by_page(ann, (texts[0], 1, "bob"), (texts[0], 1, "cy")).added == 1
    with pytest.raises(ImportRefused, match="contradicts, line 1"):
        files.by_page(ann, (texts[1], 1, "bob"), (texts[1], 0, "cy"))
    with pytest.raises(ImportRefused, match="repeats line 1"):
        files.by_page(ann, (texts[1], 1, "bob"), (texts[1], 1, "bob"))
    assert of(tagger, texts[1]) == []


def test_by_a_command_the_files_annotator_stays_and_the_operator_is_recorded(
    tagger: psycopg.Connection, database: Settings, files: Files, texts: list[str], tmp_path: Path
) -> None:
    kept = "SELECT annotator, recorded_by FROM label_event WHERE text_hash = %s"
    known = database.model_copy(update={"operator": "olga"})
    import_labels(files.write((texts[0], 1, "bob")), VERSION, known)
    assert tagger.execute(kept, [text_hash(texts[0])]).fetchall() == [("bob", "olga")]
    assert import_file(str(files.write((texts[1], 1, None))), VERSION, "dora") == 1
    assert tagger.execute(kept, [text_hash(texts[1])]).fetchall() == [("import", "dora")]
    assert import_file(str(files.write((texts[2], 1, None))), VERSION) == 1
    ((_, account),) = tagger.execute(kept, [text_hash(texts[2])]).fetchall()
    assert account
    assert past_imports(tagger, 1)[0].imported_by == account


@pytest.mark.parametrize("own", [True, False])
def test_an_import_leaves_an_adjudicated_post_alone(
    tagger: psycopg.Connection, files: Files, texts: list[str], own: bool
) -> None:
    judge, ann = someone(), someone()
    who = judge if own else ann
    first = files.by_command((texts[0], 1, who), (texts[1], 1, who))
    assert (first.added, first.adjudicated) == (2, 0)
    by_hand(tagger, texts[0], judge, 0, "adjudicate")  # between two imports
    before = of(tagger, texts[0])
    for again in (
        files.by_command((texts[0], 1, who), (texts[2], 1, who)),
        files.by_page(who, (texts[0], 1, None), (texts[3], 1, None)),
    ):
        assert (again.added, again.adjudicated) == (1, 1)
        assert "skipped, because their post is adjudicated: 1" in str(again)
    assert of(tagger, texts[0]) == before
    assert {agreed for _, _, agreed in before} == {0}


def test_an_import_event_after_an_adjudication_decides_nothing(
    tagger: psycopg.Connection, texts: list[str]
) -> None:
    """As one does that was under way when the post was adjudicated."""
    judge = someone()
    by_hand(tagger, texts[0], judge, 0, "adjudicate")
    by_hand(tagger, texts[0], judge, 1, "import")
    assert of(tagger, texts[0]) == [(judge, 0, 0)]


def test_undoing_an_import_makes_the_labels_be_as_they_were(
    tagger: psycopg.Connection, database: Settings, files: Files, texts: list[str], tmp_path: Path
) -> None:
    ann, bob = someone(), someone()
    by_hand(tagger, texts[0], ann, 0, "label")
    files.by_command((texts[1], 0, bob))
    before = tagger.execute(LABELS).fetchall()
    rows = [(texts[0], 1, ann), (texts[1], 1, bob), (texts[2], 1, bob)]
    hard = files.write(*rows, hard=True)
    report = import_labels(hard, VERSION, database)
    assert report.batch is not None
    assert tagger.execute(LABELS).fetchall() != before
    assert undo_import(tagger, report.batch, "olga") == 3
    assert tagger.execute(LABELS).fetchall() == before
    export_labels(tmp_path / "out.jsonl", database)
    exported = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert not any(row["hard"] for row in exported if row["text"] in texts)
    assert undo_import(tagger, report.batch, "olga") == 0  # idempotent
    assert tagger.execute(LABELS).fetchall() == before
    undone = (
        "SELECT DISTINCT annotator, recorded_by FROM label_event WHERE import_id = %s AND action = 'undo'"
    )
    assert tagger.execute(undone, [report.batch]).fetchall() == [("olga", "olga")]
    again = import_labels(hard, VERSION, database)
    assert again.added == 3
    assert again.batch != report.batch


def test_what_people_do_after_an_import_stays_when_it_is_undone(
    tagger: psycopg.Connection, files: Files, texts: list[str]
) -> None:
    ann, judge = someone(), someone()
    report = files.by_command(*[(text, 1, ann) for text in texts])
    by_hand(tagger, texts[0], ann, 1, "label")
    by_hand(tagger, texts[1], ann, 0, "label")
    by_hand(tagger, texts[2], judge, 0, "adjudicate")
    assert report.batch is not None
    undo_import(tagger, report.batch, "olga")
    assert of(tagger, texts[0]) == [(ann, 1, 1)]
    assert of(tagger, texts[1]) == [(ann, 0, 0)]
    assert of(tagger, texts[2]) == [(judge, 0, 0)]
    assert of(tagger, texts[3]) == []


def test_imports_can_be_undone_in_any_order(
    tagger: psycopg.Connection, files: Files, texts: list[str]
) -> None:
    ann = someone()
    first, second = files.by_command((texts[0], 1, ann)).batch, files.by_command((texts[0], 0, ann)).batch
    assert first is not None
    assert second is not None
    undo_import(tagger, first, "olga")
    assert of(tagger, texts[0]) == [(ann, 0, 0)]
    undo_import(tagger, second, "olga")
    assert of(tagger, texts[0]) == []


def test_two_undos_at_once_take_each_label_back_once(
    tagger: psycopg.Connection, database: Settings, files: Files, texts: list[str]
) -> None:
    batch = files.by_command(*[(text, 1, someone()) for text in texts]).batch
    assert batch is not None

    def undo(who: str) -> int:
        with connect(database, autocommit=True) as connection:
            return undo_import(connection, batch, who)

    with ThreadPoolExecutor() as pool:
        counts = list(pool.map(undo, ["olga", "dora", "ann"]))
    assert sorted(counts) == [0, 0, len(texts)]


def test_only_who_brought_a_file_or_an_adjudicator_undoes_it_on_the_page(
    tagger: psycopg.Connection, database: Settings, files: Files, texts: list[str]
) -> None:
    ann, bob, judge = someone(), someone(), someone()
    files.by_page(ann, *[(text, 1, None) for text in texts])
    service = AnnotationService(database.model_copy(update={"adjudicators": judge}))
    try:
        (past,) = service.imports(1)
        with pytest.raises(NotTheirImport, match=f"{ann}'s"):
            service.undo_import(past, bob)
        assert service.undo_import(past, judge) == len(texts)
        assert service.imports(1)[0].undone_by == judge
        assert service.undo_import(past, ann) == 0
    finally:
        service.close()


def test_the_command_lists_and_undoes(
    tagger: psycopg.Connection, files: Files, texts: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = files.write((texts[0], 1, someone()), (texts[1], 0, someone()))
    assert main(["import", str(path), "--version", str(VERSION)]) == 0
    past = past_imports(tagger, 1)[0]
    assert f"2 labels added (import {past.id})" in capsys.readouterr().out
    assert main(["imports"]) == 0
    assert f"import {past.id}: 2 labels from {path.name} by {past.imported_by}" in capsys.readouterr().out
    assert main(["undo", str(past.id)]) == 0
    assert main(["undo", str(past.id)]) == 0
    assert main(["undo", str(past.id + 1_000_000)]) == 2
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        f"import {past.id}: 2 labels taken back",
        f"import {past.id} is undone already",
    ]
    assert f"there is no import {past.id + 1_000_000}" in said.err
    assert "undone by" in str(past_imports(tagger, 1)[0])
    with pytest.raises(NoSuchImport):
        undo_import(tagger, 10**17, "olga")

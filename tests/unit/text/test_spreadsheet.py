"""No cell of an export is a formula, at whichever door; and our reader gives the texts back."""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include.datasets.export.files import FORMATS
from include.datasets.golden_file_writer import write_labels
from include.datasets.golden_files import LabelRow, read_labels
from include.infra.input_files.layout import Layout
from include.infra.input_files.location import input_file
from include.infra.input_files.reader import Row, read_rows
from include.settings import PROJECT_ROOT
from include.streaming.sinks.files import flat
from include.text.spreadsheet import guarded, guarded_rows, unguarded

SIGNS = "=+-@\t\r\n＝＋－＠﹦﹢﹣﹫"
BEFORE = ("", " ", "   ", "\u00a0", "\u3000", "\ufeff", "\u200b", "\u202e", "\t ", "'", "''", "' ")
HOSTILE = [f"{before}{sign}cmd|' /C calc'!A0" for before in BEFORE for sign in SIGNS]
HARMLESS = ["a", "", "'quoted'", "'", "a=b", "a@b.example", "1-1", "深い", "#AI", '"=1"', "’tis", "' a"]
TEXTS = st.one_of(
    st.text(st.sampled_from(SIGNS + "' \u3000\u200ba1\",;"), max_size=8),
    st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=8),
)


def runs(cell: str) -> bool:
    """Whether a spreadsheet may take a cell for a formula; told without the code that is tested."""
    bare = re.sub(r"^[\s\u00a0\u200b-\u200f\u202a-\u202e\ufeff]+", "", cell)
    return bare.startswith(tuple(SIGNS)) or cell.startswith(("\t", "\r", "\n"))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_formula_gets_an_apostrophe(text: str) -> None:
    assert guarded(text) == f"'{text}"
    assert not runs(guarded(text))
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("value", [*HARMLESS, -1, -1.5, 0, True, None])
def test_other_values_stay(value: Any) -> None:
    assert guarded(value) is value
    if isinstance(value, str):
        assert unguarded(value) == value


@given(TEXTS)
def test_every_text_comes_back(text: str) -> None:
    assert not runs(guarded(text))
    assert unguarded(guarded(text)) == text


@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_the_streams_files_guard_alike(texts: list[str]) -> None:
    given_rows = pa.record_batch({"text": [*texts, None], "n": [-1] * (len(texts) + 1)})
    cells = flat(given_rows)
    assert cells.column("text").to_pylist() == [*map(guarded, texts), None]
    assert cells.column("n").to_pylist() == given_rows.column("n").to_pylist()


def test_a_file_of_the_export_holds_no_formula_and_is_read_back(tmp_path: Path) -> None:
    path, texts = tmp_path / "a.csv", [*HOSTILE, *filter(None, HARMLESS)]
    columns = {"id_str": "text", "text": "text", "n": "bigint", "links": "text[]"}
    rows = [{"id_str": str(n), "text": t, "n": -n, "links": [t]} for n, t in enumerate(texts, 1)]
    FORMATS["csv"].write(path, columns, [rows])
    with path.open(newline="", encoding="utf-8") as file:
        _, *cells = csv.reader(file)
    assert not [cell for row in cells for at, cell in enumerate(row) if at != 2 and runs(cell)]
    assert [row[2] for row in cells] == [str(-n) for n in range(1, len(texts) + 1)]
    layout = Layout({"id_str": ("id_str",), "text": ("text",)})
    back = [row.value for row in read_rows(input_file(path), layout) if isinstance(row, Row)]
    assert back == [{"id_str": str(n), "text": text} for n, text in enumerate(texts, 1)]


def test_the_export_shows_no_link_that_turns_the_writing() -> None:
    assert guarded(["https://a.example/\u202egpj.exe"]) == '["https://a.example/%E2%80%AEgpj.exe"]'


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".jsonl", ".parquet"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(texts=st.lists(TEXTS.filter(bool), min_size=1, max_size=4), name=TEXTS.filter(bool))
def test_labels_come_back_as_they_were(tmp_path: Path, suffix: str, texts: list[str], name: str) -> None:
    path = tmp_path / f"labels{suffix}"
    rows = [(f"t{n}", n % 2, text, name, False) for n, text in enumerate(texts)]
    write_labels(path, rows)
    back = [
        (r.id, r.label, r.text, r.annotator, r.hard) for r in read_labels(path) if isinstance(r, LabelRow)
    ]
    assert back == rows


def test_label_files_hold_no_formula(tmp_path: Path) -> None:
    write_labels(tmp_path / "a.csv", [(text, 1, text, text, True) for text in HOSTILE])
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
        assert not [cell for row in csv.reader(file) for cell in row if runs(cell)]


def test_tables_of_pages_are_guarded_and_keep_their_types() -> None:
    (row,) = guarded_rows([{"text": "=1", "n": -1.5, "more": ["@a", "b"], "none": None}])
    assert row == {"text": "'=1", "n": -1.5, "more": ["'@a", "b"], "none": None}


TABLES = {"dataframe", "data_editor", "table"}
GUARDING = {
    "include/datasets/export/files.py", "include/datasets/golden_file_writer.py",
    "include/streaming/sinks/files.py", "include/curation/export.py",
}  # fmt: skip
"""The modules that write CSV; the tests above export hostile texts by each."""


def calls() -> Iterator[tuple[str, ast.Call, str, str]]:
    """All uses of a name of a module in our code: file, call, the module and the name."""
    for top in ("include", "streamlit_apps", "spark_apps", "dags", "plugins", "tools"):
        for path in (PROJECT_ROOT / top).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    file = path.relative_to(PROJECT_ROOT).as_posix()
                    yield file, node, ast.unparse(node.func.value), node.func.attr


def test_no_other_module_writes_csv() -> None:
    found = {file for file, _, of, name in calls() if name in ("DictWriter", "to_csv") or of == "csv"}
    found |= {file for file, _, of, name in calls() if of.endswith(".write") and name == "csv"}
    reading = {"include/infra/input_files/csv_records.py", "include/infra/input_files/reader.py"}
    reading |= {"include/forgetting/files/records.py", "include/workloads/sentiment/evidence/ratings.py"}
    reading |= {"include/workloads/higgs/data/labelled.py"}
    reading |= {f"include/workloads/spark_ml/{name}.py" for name in ("feed/produce", "data/lines")}
    reading |= {"include/workloads/spark_ml/data/synthetic.py"}  # it writes numbers of its own
    assert found - reading <= GUARDING
    for file in GUARDING:
        assert "guarded" in (PROJECT_ROOT / file).read_text(encoding="utf-8")


def test_every_table_of_a_page_is_guarded() -> None:
    """Streamlit lets a reader download any of them as CSV."""
    tables = [(file, call) for file, call, of, name in calls() if of == "st" and name in TABLES]
    assert len(tables) >= 7
    for file, call in tables:
        assert ast.unparse(call.args[0]).startswith("guarded_rows("), f"{file}:{call.lineno}"

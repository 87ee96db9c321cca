"""Files of golden labels: JSONL, CSV or parquet, read by the reader of all files that people hand in.

:mod:`include.infra.input_files` says what packs them and where they may be.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from include.errors import UserError
from include.infra.input_files.layout import Layout
from include.infra.input_files.location import input_file
from include.infra.input_files.problems import BadLine, InputFileError, Problems, one_line
from include.infra.input_files.reader import read_rows
from include.posts.fields import MAX_ID, MAX_TEXT
from include.posts.values.ids import ADVICE, RoundedIds, is_mangled, plain_id
from include.posts.values.json_value import NotJson, load

LAYOUT = Layout(
    {"id_str": ("id_str", "id", "tweet_id", "status_id", "tweetid", "post_id"), "label": ("label",)},
    optional=("text", "annotator", "hard"),
)

MAX_ANNOTATOR = 80
"""Characters of an annotator's name, in a file and in the tagger."""

_LABELS = {"0": 0, "1": 1}
_TRUTHS = {"": False, "false": False, "0": False, "true": True, "1": True}


class LabelFileError(UserError):
    """A label file that can't be read at all, or is not good; the message names the file and the lines."""


class LabelRow(NamedTuple):
    """One golden label of a file, and its line there (row number in parquet)."""

    line: int
    id: str
    label: int
    text: str | None
    annotator: str | None
    hard: bool


def read_labels(path: str | os.PathLike[str]) -> Iterator[LabelRow | BadLine]:
    """Rows of a label file, bad ones among them as ``BadLine``; one more at the end if its ids were rounded.

    Raises:
        LabelFileError: no such file, one of an unknown kind or with other columns, or one that can't be read.
    """
    try:
        yield from _checked(path)
    except InputFileError as error:
        raise LabelFileError(f"label file {error}") from error


def read_labelled_texts(path: str | os.PathLike[str]) -> tuple[list[str], np.ndarray]:
    """All texts of a label file and their labels, bool[n], for those who need every row to be good.

    Raises:
        LabelFileError: as ``read_labels``; and naming the lines that are broken or have no text, or where the
            file holds no label at all.
    """
    texts, labels, problems = [], [], Problems()
    for row in read_labels(path):
        if isinstance(row, BadLine):
            problems.add(f"{path}, line {row.line}", row.reason)
        elif row.text is None:
            problems.add(f"{path}, line {row.line}", "the column text is missing or empty")
        else:
            texts.append(row.text)
            labels.append(row.label == 1)
    if problems:
        raise LabelFileError(str(problems))
    if not texts:
        raise LabelFileError(f"label file {path} holds no labelled post")
    return texts, np.array(labels)


def _checked(path: str | os.PathLike[str]) -> Iterator[LabelRow | BadLine]:
    file, ids, last = input_file(path), RoundedIds(), 0
    for row in read_rows(file, LAYOUT):
        checked = row if isinstance(row, BadLine) else _label(row.line, _fields(row.value))
        if isinstance(checked, LabelRow):
            ids.add(checked.id)
            last = checked.line
        yield checked
    if example := ids.example():
        yield BadLine(last, f"all long ids up to here end in zeros, such as {example}: {ADVICE}")


def _fields(value: bytes | dict[str, Any]) -> dict[str, Any] | str:
    """A row's fields by name, or what is wrong with it."""
    if isinstance(value, dict):
        return value
    try:
        parsed = load(value)
    except NotJson as error:
        return error.reason
    if not isinstance(parsed, dict):
        return "not a JSON object"
    known = next((name for name in LAYOUT.required["id_str"] if parsed.get(name) is not None), None)
    return parsed | {"id_str": parsed[known]} if known else parsed


def _label(line: int, row: dict[str, Any] | str) -> LabelRow | BadLine:
    """Check one row: a whole id, a label of exactly two values, and text that Postgres can hold."""
    if isinstance(row, str):
        return BadLine(line, row)
    given, label, text = row.get("id_str"), row.get("label"), row.get("text") or None
    if is_mangled(given):
        return BadLine(line, f"id_str {one_line(str(given))} has lost digits: {ADVICE}")
    post_id = plain_id(given)
    if not post_id:
        return BadLine(line, "no id_str")
    if len(post_id) > MAX_ID:
        return BadLine(line, f"id_str {one_line(post_id)} is longer than {MAX_ID} characters")
    if not isinstance(label, str | int) or isinstance(label, bool) or str(label).strip() not in _LABELS:
        return BadLine(line, one_line(f"label {_quoted(label)} of id_str {post_id!r} is neither 0 nor 1"))
    annotator = row.get("annotator") or None
    if not all(value is None or isinstance(value, str) for value in (text, annotator)):
        return BadLine(line, f"text and annotator of id_str {post_id!r} must be strings")
    if text and len(text) > MAX_TEXT:
        return BadLine(
            line, f"the text of id_str {post_id!r} has {len(text)} characters, the most is {MAX_TEXT}"
        )
    if annotator and len(annotator) > MAX_ANNOTATOR:
        return BadLine(line, f"the annotator {one_line(annotator)} is longer than {MAX_ANNOTATOR} characters")
    if any(value and not _storable(value) for value in (post_id, text, annotator)):
        return BadLine(line, "holds U+0000 or half a surrogate pair, which no database text can")
    hard = _TRUTHS.get(_word(row.get("hard")))
    if hard is None:
        return BadLine(
            line, one_line(f"hard {_quoted(row['hard'])} of id_str {post_id!r} is neither true nor false")
        )
    return LabelRow(line, post_id, _LABELS[str(label).strip()], text, annotator, hard)


def _word(value: object) -> str:
    return str(value).strip().lower() if isinstance(value, str | bool | int) else "" if value is None else "?"


def _quoted(value: object) -> str:
    """A value for a message; of one that nests, only what it is."""
    return repr(value) if value is None or isinstance(value, str | int | float) else type(value).__name__


def _storable(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)

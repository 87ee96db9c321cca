"""Values on a command line: what means nothing is refused, and named."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from include.console.arguments import (
    finite_number,
    json_object,
    one_of,
    plain_name,
    whole_number,
    yes_or_no,
)
from include.infra.input_files.argument import existing_file, existing_path

READERS: dict[str, tuple[Callable[[str], Any], list[str]]] = {
    "whole number": (
        whole_number(1, 100),
        ["", " ", "0", "-1", "101", "abc", "3.0", "1e2", "1_0", "+5", " 5", "٣", "²", "0x1f", "9" * 5000],
    ),
    "number": (finite_number(0, 1), ["", "abc", "nan", "inf", "-inf", "1.5", "-0.1", "0,5"]),
    "number above": (finite_number(0, above=True), ["0", "-0.0", "1e999"]),
    "choice": (one_of("a", "b"), ["", "A", "a ", "c", "a,b"]),
    "name": (plain_name, ["", " ", "two words", "a\n"]),
    "yes or no": (yes_or_no, ["", "maybe", "2", "y e s"]),
    "JSON object": (
        json_object,
        ["", "{", "[1]", "1", "null", '"x"', "{'a': 1}", '{"a": NaN}', "[" * 5000, '{"a": 1} x'],
    ),
    "file": (existing_file, ["", "no/such/file", "/", "a\0b", "x" * 5000]),
    "path": (existing_path, ["", "no/such/file", "a\0b"]),
}
CASES = [(name, text) for name, (_, texts) in READERS.items() for text in texts]


@pytest.mark.parametrize(("name", "text"), CASES, ids=[f"{name} {text[:12]!r}" for name, text in CASES])
def test_what_means_nothing_is_refused_with_the_value(name: str, text: str) -> None:
    with pytest.raises(ArgumentTypeError) as refused:
        READERS[name][0](text)
    said = str(refused.value)
    assert repr(text)[:20] in said
    assert "\n" not in said


def test_what_means_something_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a b.jsonl"
    file.touch()
    assert whole_number(0)("007") == 7
    assert whole_number(-3)("-2") == -2
    assert finite_number(0)("1e3") == 1000.0
    assert json_object('{"posts": 3}') == {"posts": 3}
    assert [yes_or_no(text) for text in ("yes", "1", "TRUE", "no", "0", "False")] == [True] * 3 + [False] * 3
    assert existing_file(str(file)) == existing_path(str(file)) == str(file)
    assert existing_path(str(tmp_path)) == str(tmp_path)
    assert existing_file("s3://bucket/labels.jsonl") == "s3://bucket/labels.jsonl"

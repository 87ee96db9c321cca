from __future__ import annotations

from pathlib import Path

import pytest

from include.streaming.state.offset_log import UnknownFormat, planned_ends


def write(checkpoint: Path, text: str) -> None:
    (checkpoint / "offsets").mkdir()
    (checkpoint / "offsets" / "7").write_text(text)


def test_the_ends_of_a_batch_are_read_from_its_entry(tmp_path: Path) -> None:
    write(tmp_path, 'v1\n{"batchWatermarkMs":0,"conf":{}}\n{"a":{"0":5,"1":9},"b":{"0":1}}')
    assert planned_ends(tmp_path, 7) == {"a": {0: 5, 1: 9}, "b": {0: 1}}


@pytest.mark.parametrize("text", ["v9\n{}\n{}", "v1\n{}\n{", "v1\n{}\n-", "v1\n{}", "v1", 'v1\n{}\n{"a": 7}'])
def test_an_entry_of_another_form_is_an_error_of_its_own(text: str, tmp_path: Path) -> None:
    write(tmp_path, text)
    with pytest.raises(UnknownFormat, match="offsets/7"):
        planned_ends(tmp_path, 7)

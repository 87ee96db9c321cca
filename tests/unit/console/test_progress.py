"""The sign of life of a long step."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest

from include.console import progress
from include.console.progress import FILE, Steps, last_duration, sign, step
from include.infra.waiting import until


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def everything_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SHORTEST_KEPT", 0.0)


def test_elsewhere_than_on_a_terminal_there_are_whole_lines(tmp_path: Path) -> None:
    out = io.StringIO()
    with step("training", tmp_path, out, every=0.01):
        assert until(lambda: out.getvalue().count("\n") >= 2, 10, 0.01)
    lines = out.getvalue().splitlines()
    assert all(re.fullmatch(r"training: \d+ s so far", line) for line in lines), lines


def test_on_a_terminal_one_line_is_kept_up_to_date_and_taken_away(tmp_path: Path) -> None:
    out = Terminal()
    with step("training", tmp_path, out, every=0.01):
        assert until(lambda: out.getvalue().count("training") >= 2, 10, 0.01)
    assert "\n" not in out.getvalue()
    assert out.getvalue().endswith("\r\033[K")


def test_the_next_time_it_says_how_long_it_took(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"training": 90.4, "other": 7}')
    out = io.StringIO()
    with step("training", tmp_path, out, every=0.01):
        assert until(out.getvalue, 10, 0.01)
    assert "training: 0 s of about 90 s" in out.getvalue()
    kept = json.loads((tmp_path / FILE).read_text())
    assert kept["other"] == 7
    assert kept["training"] < 60
    assert sign("training", 100, 90) == "training: 100 s (90 s the last time)"


def test_a_step_that_fails_or_was_done_already_is_no_estimate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ZeroDivisionError), step("training", tmp_path, io.StringIO()):
        _ = 1 / 0
    monkeypatch.setattr(progress, "SHORTEST_KEPT", 5.0)
    with step("training", tmp_path, io.StringIO()):
        pass
    assert not (tmp_path / FILE).exists()


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"training": "long"}', '{"training": Infinity}', "\udce4"]
)
def test_a_damaged_file_is_no_error(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content, errors="surrogateescape")
    assert last_duration("training", tmp_path) is None
    with step("training", tmp_path, io.StringIO()):
        pass
    assert last_duration("training", tmp_path) is not None


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with step("training", tmp_path / "file", io.StringIO()):
        pass


def test_steps_are_announced_one_after_the_other(tmp_path: Path) -> None:
    out = io.StringIO()
    with Steps(tmp_path, out) as steps:
        steps.say("filling")
        steps.say("reading")
    assert re.fullmatch(r"\[ +0 s\] filling\n\[ +0 s\] reading\n", out.getvalue())
    assert json.loads((tmp_path / FILE).read_text()).keys() == {"filling", "reading"}

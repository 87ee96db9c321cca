"""The overview of the programs' logs."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from include.infra.processes import log_overview


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.log"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_newest_problem_comes_first_and_no_program_is_left_out(tmp_path: Path) -> None:
    paths = [
        write(tmp_path, "api", "2026-11-26T11:24:12.71Z [info     ] request finished [error] path=/error\n"),
        write(
            tmp_path, "old", "2026-11-25T10:00:00Z [error    ] once\n2026-11-26T23:00:00Z [info     ] fine\n"
        ),
        write(tmp_path, "new", "2026-11-26T10:00:00Z [warning  ] a\n2026-11-26T11:00:00Z [error    ] b\n"),
        write(tmp_path, "silent", ""),
        write(tmp_path, "page", "  You can now view your app\n\n  URL: http://x\n\n"),
    ]
    lines = log_overview.overview(paths).splitlines()
    heads = [line.partition(":")[0] for line in lines if not line.startswith(" ")]
    assert heads == ["new", "old", "api", "page", "silent"]
    assert "new: 2 problems, the newest at " in lines[0]
    assert lines[1] == "    2026-11-26T11:00:00Z [error ] b"
    assert "    last line: 2026-11-26T23:00:00Z [info ] fine" in lines
    assert "silent: (nothing yet)" in lines
    assert "page: URL: http://x" in lines


def test_every_programs_way_of_telling_a_problem_is_known(tmp_path: Path) -> None:
    for number, line in enumerate(
        [
            "2026-11-26 11:24:01,304 WARNING lag: ai_tweets lags by 2,000,000",
            "2026-11-26 11:15:51.219 UTC [30566] FATAL:  role does not exist",
            "26/11/26 11:26:00 ERROR MicroBatchExecution: the query ended",
            "2026-11-26T11:25:54 [controller-1] WARN org.apache.kafka - Node 1 disconnected.",
            "2026-11-26T11:23:33.13Z [error    ] XCom not found [airflow.sdk]",
            "error: port 8080 is taken",
            "Traceback (most recent call last):",
        ]
    ):
        assert log_overview.read(write(tmp_path, f"p{number}", f"{line}\n")).problems == 1, line
    for line in ("INFO 3 errors so far", "an error page was sent", "no warnings"):
        assert log_overview.read(write(tmp_path, "fine", f"{line}\n")).problems == 0, line


def test_a_line_without_a_time_is_as_old_as_the_one_before_or_as_the_file(tmp_path: Path) -> None:
    text = "2026-11-26T10:00:00Z [info     ] at work\nTraceback (most recent call last):\n  File x\n"
    assert log_overview.read(write(tmp_path, "a", text)).at == datetime(2026, 11, 26, 10, tzinfo=UTC)
    path = write(tmp_path, "b", "error: no\n")
    os.utime(path, (1_000_000_000, 1_000_000_000))
    assert log_overview.read(path).at == datetime.fromtimestamp(1_000_000_000, UTC)
    assert log_overview.read(write(tmp_path, "c", "2026-99-99 11:24:01 ERROR x\n")).problems == 1


def test_it_is_bounded_whatever_the_files_hold(tmp_path: Path) -> None:
    path = tmp_path / "big.log"
    with path.open("wb") as handle:
        handle.truncate(3 * 2**30)  # a sparse file of zeros
        handle.seek(0, 2)
        handle.write(b"\xff\xfe ERROR " + b"x" * 100_000 + b"\nERROR the end " + b"y" * 10_000 + b"\n")
    assert len(str(log_overview.read(path))) < 1_000
    assert log_overview.tail(path)[-1].startswith("ERROR the end ")
    many = [write(tmp_path, f"p{number}", "ERROR x\nINFO y\n" * 1_000) for number in range(20)]
    assert len(log_overview.overview(many).splitlines()) <= 3 * len(many)

"""How a command ends, whatever happens to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence

import httpx
import psycopg
import pytest

from include.console.arguments import CommandParser
from include.console.command import command
from include.errors import UserError
from include.infra.kafka.admin import BrokerUnavailable
from include.serving.errors import ServingUnavailable
from include.settings import PROJECT_ROOT


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (UserError("version 'x' is none: choose another"), 2, "error: version 'x' is none: choose another\n"),
        (FileNotFoundError(2, "No such file or directory", "a.jsonl"), 2, "error: a.jsonl: No such file"),
        (PermissionError(13, "Permission denied", b"/root/x"), 2, "error: /root/x: Permission denied\n"),
        (
            psycopg.OperationalError("connection failed:\n\tis it up?"),
            1,
            "error: connection failed: is it up?; ",
        ),
        (psycopg.errors.ConnectionTimeout("too late"), 1, "make up"),
        (BrokerUnavailable("Kafka at h:1 gives no answer"), 1, "error: Kafka at h:1 gives no answer\n"),
        (ServingUnavailable("no answer from http://h:1"), 1, "error: no answer from http://h:1; "),
        (httpx.ConnectError("refused"), 1, "error: refused; "),
        (ConnectionRefusedError(111, "Connection refused"), 1, "make status"),
        (TimeoutError(), 1, "error: TimeoutError; see make logs\n"),
        (KeyboardInterrupt(), 130, ""),
        (SystemExit(143), 143, ""),
        (SystemExit(None), 0, ""),
        (SystemExit("no"), 1, "no\n"),
    ],
)
def test_what_a_person_or_an_outage_stopped_is_a_line_and_a_code(
    error: BaseException, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    @command
    def main() -> int:
        raise error

    assert main() == code
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == bool(said)


@pytest.mark.parametrize("defect", [ZeroDivisionError(), KeyError("x"), OSError("no file's")])
def test_a_defect_of_ours_still_shows_where_it_is(defect: Exception) -> None:
    @command
    def main() -> int:
        raise defect

    with pytest.raises(type(defect)):
        main()


def test_arguments_that_are_refused_are_one_line_and_a_code(capsys: pytest.CaptureFixture[str]) -> None:
    @command
    def main(argv: Sequence[str]) -> int:
        parser = CommandParser(
            "some.module", "Does it.\n\nMore.", {"--vers": "VERS", "--versions": "VERSIONS"}
        )
        parser.add_argument("--vers", type=int)
        parser.add_argument("--versions", type=int, required=True)
        parser.parse_args(argv)
        return 0

    assert main(["--help"]) == 0
    assert "Does it." in capsys.readouterr().out
    assert main(["--vers", "1"]) == 2
    assert capsys.readouterr().err == (
        "error: the following arguments are required: VERSIONS= (--versions); see 'make help', or "
        "'.venv/bin/python -m some.module --help'\n"
    )
    assert main(["--version", "1"]) == 2, "an abbreviation may come to mean something else"


PROGRAM = """
import sys, time
from include.console.command import command, show
@command
def main():
    for number in range(200_000):
        show("a line of a long list")
    return 0
sys.exit(main())
"""


def test_a_reader_that_goes_away_ends_it_without_a_word() -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], cwd=PROJECT_ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert program.stdout is not None
    assert program.stderr is not None
    assert program.stdout.readline() == b"a line of a long list\n"
    program.stdout.close()
    assert program.stderr.read() == b""
    program.stderr.close()
    assert program.wait(timeout=30) == 141


def test_ctrl_c_ends_it_without_a_word() -> None:
    waiting = (
        "import sys, time; from include.console.command import command, show\n@command\ndef main():\n    "
    )
    waiting += "show('up')\n    time.sleep(60)\nsys.exit(main())"
    program = subprocess.Popen(
        [sys.executable, "-c", waiting], cwd=PROJECT_ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert program.stdout is not None
    program.stdout.readline()
    os.kill(program.pid, signal.SIGINT)
    _, err = program.communicate(timeout=30)
    assert (program.returncode, err) == (130, b"")

"""The lines of a file, each with its number, and none of them longer than can be held in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from include.infra.input_files.location import InputFile
from include.infra.input_files.problems import BadLine, InputFileError

MARK = b"\xef\xbb\xbf"
"""UTF-8's byte order mark: some programs begin a file with it."""

_OTHERS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}


def lines(file: InputFile, content: IO[bytes], longest: int) -> Iterator[tuple[int, bytes] | BadLine]:
    """The lines of a file in UTF-8 with their numbers, with their ends, without a byte order mark.

    A line of more than ``longest`` bytes is told as bad, and passed over without being held.

    Raises:
        InputFileError: the file is in UTF-16 or UTF-32.
    """
    number = 0
    while line := content.readline(longest + 1):
        number += 1
        if number == 1:
            refuse_wide(file, line)
        if len(line) > longest and not line.endswith(b"\n"):
            _pass_over(content, longest)
            yield BadLine(number, f"longer than {longest} bytes")
            continue
        yield number, line.removeprefix(MARK) if number == 1 else line


def refuse_wide(file: InputFile, head: bytes) -> None:
    """Refuse UTF-16 and UTF-32, known by their mark, or by the zero beside the first letter.

    Raises:
        InputFileError: it is one of them.
    """
    wide = next((name for mark, name in _OTHERS.items() if head.startswith(mark)), None)
    if wide is None and b"\0" in head[:4]:
        wide = "UTF-16"
    if wide:
        raise InputFileError(
            f"{file.name}: is in {wide}, not UTF-8: save it as UTF-8 (in Excel as 'CSV UTF-8'), or convert "
            f"it by `iconv -f {wide} -t UTF-8`"
        )


def _pass_over(content: IO[bytes], step: int) -> None:
    while (rest := content.readline(step)) and not rest.endswith(b"\n"):
        pass

"""What a row of a CSV file looks like, to know one that a forgotten quote has swallowed."""

from __future__ import annotations

import re

_BENT = ("”", "“", "„", "’", "»", "«", "″", "＂")
_LONG = 8
"""Digits of an id that no line of a text begins with by chance."""
_is_id = re.compile(r"\w[\w:/.-]*").fullmatch


class RecordShape:
    """What a record of this file looks like in a line of its own."""

    def __init__(self, width: int, delimiter: str, header: list[str]) -> None:
        self.width = width
        self._delimiter = delimiter
        names = [name.strip().lower() for name in header]
        ids = [at for at, name in enumerate(names) if name in ("id_str", "id") or name.endswith("id")]
        self._id = ids[0] if ids else 0
        self._label = names.index("label") if "label" in names else None

    def swallowed(self, taken: list[str]) -> int:
        """Which of a record's further lines is a record itself; 0 for none.

        It has as many cells, an id of as many digits where the header has it, and a label or, where the file
        has none, a bent quote above it or a long id. Where the record's first cell is quoted all are, and a
        forgotten quote meets the next line's, which is an error by itself.
        """
        own = self._cell(taken[0], self._id)
        if len(taken) < 2 or taken[0].startswith('"'):
            return 0
        for number, line in enumerate(taken[1:], start=1):
            found = self._cell(line, self._id)
            if line.count(self._delimiter) < self.width - 1 or not _is_id(found):
                continue
            alike = own.isdigit() and found.isdigit() and abs(len(found) - len(own)) <= 1
            bent = taken[number - 1].rstrip().endswith(_BENT)
            if self._label is None:
                plain = alike and (bent or len(found) >= _LONG)
            else:
                plain = (alike or bent) and self._cell(line, self._label) in ("0", "1")
            if plain:
                return number
        return 0

    def _cell(self, line: str, at: int) -> str:
        cells = line.split(self._delimiter, at + 1)
        return cells[at].strip().strip('"') if at < len(cells) else ""

"""Which columns of a table are meant, under the names that they have in the files of others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from include.infra.input_files.problems import InputFileError, one_line


@dataclass(frozen=True)
class Layout:
    """The columns that a door reads.

    Attributes:
        required: the name of each needed column, and those by which it is known; the first that is there is
            taken.
        optional: columns that are read where they are there.
    """

    required: Mapping[str, Sequence[str]]
    optional: Sequence[str] = ()

    def columns(self, place: str, header: Sequence[str]) -> dict[str, str]:
        """The columns' names in the file, by the names that they are read as.

        Raises:
            InputFileError: a needed column is missing, or there twice; the message lists the columns and the
                known names.
        """
        found: dict[str, str] = {}
        for name, known in self.required.items():
            match = next((column for column in known if column in header), None)
            if match is None:
                raise InputFileError(
                    f"{place}: unknown column layout ({one_line(', '.join(header))[:120]}): "
                    f"none of {', '.join(known)}"
                )
            found[name] = match
        found |= {name: name for name in self.optional if name in header and name not in found}
        for column in found.values():
            if header.count(column) > 1:
                raise InputFileError(f"{place}: the column {column} is there {header.count(column)} times")
        return found

    def fits(self, header: Sequence[str]) -> bool:
        """Whether all needed columns are there."""
        return all(any(column in header for column in known) for known in self.required.values())

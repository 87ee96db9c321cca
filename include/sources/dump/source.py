"""The dump source: a file or folder of posts."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from include.infra.input_files.folder import input_files
from include.infra.input_files.location import InputFile, shown
from include.infra.input_files.problems import InputFileError, Problems
from include.lexicon.keywords import is_ai_text
from include.settings import Settings
from include.sources.dump.file_check import FileCheck
from include.sources.dump.rows import DumpRow, Refused, dump_rows
from include.sources.interface.notice import notice_of
from include.sources.interface.source import RawPost, SourceError

log = logging.getLogger(__name__)


class DumpSource:
    """Posts of JSONL, CSV or parquet files, packed or not, in the order of their names and lines.

    The whole dump is read once before the first post is yielded, so that a damaged file is an error that
    names file and lines, and nothing of it is published. A line may hold a page of posts. A sound row that is
    no post (a notice, an empty text) is published to the mixed topic without a key, and becomes a dead letter
    there; a deletion notice is carried out. The path may be a URL that fsspec knows.
    """

    kind = "dump"
    live = False

    def __init__(self, settings: Settings, path: str | os.PathLike[str]) -> None:
        self._settings = settings
        self._path = path

    def posts(self) -> Iterator[RawPost]:
        count = self.validate()
        log.info("%s: %d rows", shown(self._path), count)
        for file in self._files:
            for row in dump_rows(file):
                if isinstance(row, Refused):
                    raise SourceError(f"{row.place}: {row.reason}; the file was changed while it was read")
                yield self._raw_post(row)

    def validate(self) -> int:
        """Read everything and return the number of rows.

        Raises:
            SourceError: a missing, unreadable or empty file, an unknown column layout, or broken lines; the
                message names the file and the lines.
        """
        problems, total = Problems(), 0
        for file in self._files:
            check = FileCheck(file)
            try:
                for row in dump_rows(file):
                    check.add(row, problems)
            except InputFileError as error:
                raise SourceError("\n".join(filter(None, (str(error), str(problems or ""))))) from error
            total += check.finish(problems)
        if problems:
            raise SourceError(str(problems))
        return total

    def fingerprint(self) -> str:
        """A hash of the files' content, in order: independent of where the dump is."""
        digest = hashlib.sha256()
        try:
            for file in self._files:
                with file.opened() as content:
                    digest.update(hashlib.file_digest(content, "sha256").digest())  # type: ignore[arg-type]
        except InputFileError as error:
            raise SourceError(str(error)) from error
        return f"dump:{digest.hexdigest()[:32]}"

    def parameters(self) -> dict[str, Any]:
        return {"path": shown(self._path)}

    @cached_property
    def _files(self) -> list[InputFile]:
        try:
            return input_files(self._path)
        except InputFileError as error:
            raise SourceError(str(error)) from error

    def _raw_post(self, row: DumpRow) -> RawPost:
        if row.post is None:
            notice = notice_of(row.value, self._settings.forgotten_topic)
            return notice or RawPost(self._settings.mix_topic, None, row.value)
        topic = self._settings.ai_topic if is_ai_text(row.post.text) else self._settings.mix_topic
        return RawPost(topic, row.post.id.encode(), row.value)

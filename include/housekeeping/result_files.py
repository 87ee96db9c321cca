"""Folders of committed batches in the streams' file sinks."""

from __future__ import annotations

import logging

from include.errors import UserError
from include.housekeeping.files import Found, KeptFiles, last_change
from include.settings import Settings
from include.streaming.registry import workload_named, workload_names
from include.streaming.sink_choices import ToFiles
from include.streaming.sinks.factory import files_folder
from include.streaming.sinks.files import PENDING, REPLAY

log = logging.getLogger(__name__)


def result_files(settings: Settings) -> Found:
    """A folder for each committed batch, and for each replay, by the last change of anything in it.

    What a stream has not finished stays. A workload that does not load is passed over with a warning.
    """
    for name in workload_names(settings):
        try:
            workload = workload_named(name, settings)
            sinks = [sink for sink in workload.sinks_of(settings) if isinstance(sink, ToFiles)]
            folders = [files_folder(workload, sink, settings) for sink in sinks]
        except UserError as problem:
            log.warning("the files of workload %s are not looked at: %s", name, problem)
            continue
        for folder in folders:
            for path in (*folder.glob("*/[0-9]*"), *folder.glob(f"{REPLAY}*")):
                if not path.parent.name.startswith((PENDING, REPLAY)):
                    yield path, last_change(path)


RESULT_FILES = KeptFiles("batches in files", "keep_posts_days", result_files)

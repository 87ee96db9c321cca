"""Keeps Python from reading Spark's archives on a worker's path again for each task."""

from __future__ import annotations

import gc
import sys
import zipimport


def keep_archives_read() -> None:
    """Let this process read the contents of a zip on its path once only.

    PySpark calls ``importlib.invalidate_caches`` before each task, and Python 3.11 then reads the whole
    directory of every zip on the path again, ``pyspark.zip`` among them: 0.15 s a task, nine tenths of what
    a worker did at 50 posts a second. An archive does not change while its worker lives.
    """
    for finder in sys.path_importer_cache.values():
        if isinstance(finder, zipimport.zipimporter):
            finder.invalidate_caches = _nothing  # type: ignore[method-assign]


def _nothing() -> None:
    """What is left to do."""


def spare_the_collector() -> None:
    """Take what is loaded out of the sight of Python's collector of cycles, and let it look rarely.

    PySpark has it look through everything after each task: 0.1 to 0.4 s with TensorFlow and pandas
    loaded, most of the cost of a small batch. A batch makes many objects and no cycle.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 50)

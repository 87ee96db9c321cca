"""Which test process runs what, under ``pytest -n 2 --dist loadfile``, and in which order.

A file's tests stay in one process, one after the other, for the fixtures that they share. So do the files of
a folder whose tests share something that takes long to start. What takes longest begins first, so that the
many short files at the end fill whichever process is free.
"""

from __future__ import annotations

from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

ONE_PROCESS = ("tests/dags/", "tests/e2e/airflow/", "tests/e2e/tagger/", "tests/spark/")
"""Folders that share Airflow's DAG bag, a whole stack, a page server, and a Spark session."""

SECOND_STACK = ("real_posts", "rollout", "supervision")
"""Of the tests with Airflow, about half by their time: each process has a stack of its own for its half."""

ORDER = ("tests/dags/", "tests/e2e/airflow/", "tests/e2e/", "tests/integration/", "tests/spark/", "tests/")
"""First the DAG bag, which has to be made before another test imports Airflow; then by the time it takes."""


class ByFolder(LoadFileScheduling):
    """xdist's scheduling by file, in the order of collection, with some folders as one file."""

    def __init__(self, config: pytest.Config, log: Any = None) -> None:
        config.option.loadscopereorder = False  # the files with the most tests are the quickest ones
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return group(super()._split_scope(nodeid))


def group(file: str) -> str:
    """What a test file is distributed with: its folder, where that shares something, else itself.

    >>> group("tests/spark/test_split.py"), group("tests/unit/test_layers.py")
    ('tests/spark/', 'tests/unit/test_layers.py')
    >>> group("tests/e2e/airflow/test_demo.py"), group("tests/e2e/airflow/test_rollout.py")
    ('tests/e2e/airflow/', 'tests/e2e/airflow/second')
    """
    if file.startswith("tests/e2e/airflow/") and file.endswith(tuple(f"_{name}.py" for name in SECOND_STACK)):
        return "tests/e2e/airflow/second"
    return next((folder for folder in ONE_PROCESS if file.startswith(folder)), file)


def place(node_id: str) -> int:
    """A test's place in the order of folders.

    >>> place("tests/dags/test_a.py::b"), place("include/errors.py::include.errors")
    (0, 6)
    """
    return next((number for number, folder in enumerate(ORDER) if node_id.startswith(folder)), len(ORDER))

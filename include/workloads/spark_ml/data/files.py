"""The file that a training reads: the one that was given, or made-up rows."""

from __future__ import annotations

import os

from include.infra.input_files.allowed import inputs_dir
from include.settings import get_settings
from include.workloads.spark_ml.data.synthetic import write_csv


def training_file(given: str | os.PathLike[str] | None, version: int | str, rows: int) -> str:
    """The given path, or the path of a new CSV file with ``rows`` made-up rows.

    Args:
        version: the seed of made-up rows.
    """
    if given:
        return os.fspath(given)
    folder = inputs_dir(get_settings())
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / f"spark_ml_rows_{int(version)}.csv"
    write_csv(file, rows, int(version))
    return str(file)

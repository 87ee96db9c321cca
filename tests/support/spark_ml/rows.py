"""Rows and models of the workload spark_ml, small enough for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from pyarrow import csv

from include.workloads.spark_ml.base.row import FEATURES


def features_of(file: Path) -> np.ndarray:
    """The features of a CSV file: float64[n, 28]."""
    table = csv.read_csv(file)
    return np.column_stack([table.column(name).to_numpy() for name in FEATURES]).astype(float)


def applied(spark: Any, settings: Any, version: int, file: Path) -> list[float]:
    """A stored version's probabilities of signal for a CSV file's rows, in their order."""
    from pyspark.ml.functions import vector_to_array
    from pyspark.sql import functions as F

    from include.workloads.spark_ml.model.loading import load

    rows = spark.read.csv(str(file), header=True, inferSchema=True)
    scored = load(spark, version, settings).transform(rows)
    found = scored.select(vector_to_array(F.col("probability"))[1].alias("p")).collect()
    return [row.p for row in found]

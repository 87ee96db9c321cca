"""Figures of a cross-validation and of the held-out rows. Needs Spark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from include.statistics.classification import evaluate
from include.workloads.spark_ml.base.row import LABEL
from include.workloads.spark_ml.model.pipeline import FOLD, plainly

if TYPE_CHECKING:
    from pyspark.ml import Model
    from pyspark.ml.tuning import CrossValidatorModel
    from pyspark.sql import DataFrame

METRIC: Final = "areaUnderROC"
"""By which the grid's best point is chosen: the mean over the folds."""


def of_grid(chosen: CrossValidatorModel) -> list[dict[str, Any]]:
    """Mean and standard deviation of METRIC over the folds, at each point of the grid; the best first."""
    points = [
        {**plainly(point), "mean": mean, "std": std}
        for point, mean, std in zip(
            chosen.getEstimatorParamMaps(), chosen.avgMetrics, chosen.stdMetrics, strict=True
        )
    ]
    return sorted(points, key=lambda point: -point["mean"])


def of_folds(chosen: CrossValidatorModel, learned: DataFrame) -> list[dict[str, Any]]:
    """The figures of every fold at the grid's best point, by the model that had not seen that fold."""
    best = int(np.argmax(chosen.avgMetrics))
    assert chosen.subModels is not None
    return [
        {"fold": number, **of_rows(models[best], learned.where(learned[FOLD] == number))}
        for number, models in enumerate(chosen.subModels)
    ]


def of_rows(model: Model, rows: DataFrame) -> dict[str, Any]:
    """The figures of a model on some rows, with their 95 % intervals."""
    labels, probabilities = answers(model, rows)
    return evaluate(labels, probabilities)


def answers(model: Model, rows: DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The true labels, bool[n], and the model's probabilities of signal, float64[n], in some order."""
    from pyspark.ml.functions import vector_to_array
    from pyspark.sql import functions as F

    probability = vector_to_array(F.col("probability"))[1].alias("probability")
    table = model.transform(rows).select(LABEL, probability).toArrow()
    return table.column(LABEL).to_numpy() == 1.0, table.column("probability").to_numpy()

"""The pipeline and the grid it is chosen from, and the parts that rows fall into. Needs Spark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from include.workloads.spark_ml.base.row import FEATURES, LABEL

if TYPE_CHECKING:
    from pyspark.ml import Pipeline
    from pyspark.sql import Column, DataFrame


class Grid(NamedTuple):
    """How many features the selector keeps, and how deep the tree may be: each with each."""

    kept_features: tuple[int, ...]
    depths: tuple[int, ...]


GRID = Grid((14, 28), (4, 6, 8))
"""The declared grid."""

HELD_OUT_TENTHS = 2
"""So many of ten rows judge the model, and no model of the same seed has learned from them."""

FOLD = "fold"


def pipeline(seed: int) -> Pipeline:
    """Assemble the features, select those that tell the classes apart, and a decision tree."""
    from pyspark.ml import Pipeline
    from pyspark.ml.classification import DecisionTreeClassifier
    from pyspark.ml.feature import UnivariateFeatureSelector, VectorAssembler

    assemble = VectorAssembler(inputCols=list(FEATURES), outputCol="assembled")
    select = UnivariateFeatureSelector(featuresCol="assembled", outputCol="selected", labelCol=LABEL)
    select.setFeatureType("continuous").setLabelType("categorical")
    select.setSelectionMode("numTopFeatures").setSelectionThreshold(len(FEATURES))
    tree = DecisionTreeClassifier(labelCol=LABEL, featuresCol="selected", seed=seed, minInstancesPerNode=20)
    return Pipeline(stages=[assemble, select, tree])


def points(grid: Grid, of: Pipeline) -> list[dict[Any, Any]]:
    """Every point of a grid, as parameters of the pipeline's stages."""
    from pyspark.ml.tuning import ParamGridBuilder

    stages: Any = of.getStages()
    _, select, tree = stages
    return (
        ParamGridBuilder()
        .addGrid(select.selectionThreshold, [float(number) for number in grid.kept_features])
        .addGrid(tree.maxDepth, list(grid.depths))
        .build()
    )


def plainly(parameters: dict[Any, Any]) -> dict[str, float]:
    """A point of the grid by its parameters' names."""
    return {param.name: value for param, value in parameters.items()}


def parts(rows: DataFrame, seed: int, folds: int) -> tuple[DataFrame, DataFrame]:
    """The rows to learn from, with their fold in FOLD, and the held-out rows.

    Which part a row falls into follows from its own features and the seed, however the file is read.
    """

    numbered = rows.withColumn(FOLD, _drawn(seed + 1, folds))
    held_out = _drawn(seed, 10) < HELD_OUT_TENTHS
    return numbered.where(~held_out), numbered.where(held_out).drop(FOLD)


def _drawn(seed: int, of: int) -> Column:
    from pyspark.sql import functions as F

    return F.pmod(F.xxhash64(F.lit(seed), *(F.col(name) for name in FEATURES)), F.lit(of)).cast("int")

"""Train one model version by cross-validation: read, split, choose, judge, store. Needs Spark."""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from include.model.registry.store import REPORT_FOLDER
from include.model.registry.versions import begin_version, complete_version
from include.settings import Settings
from include.workloads.spark_ml.base.row import FEATURES, LABEL
from include.workloads.spark_ml.base.settings import spark_ml_settings
from include.workloads.spark_ml.data.training import read_training
from include.workloads.spark_ml.model.counts import count_parts, rows_hash
from include.workloads.spark_ml.model.judging import METRIC, answers, of_folds, of_grid, of_rows
from include.workloads.spark_ml.model.loading import load
from include.workloads.spark_ml.model.pipeline import (
    FOLD,
    GRID,
    HELD_OUT_TENTHS,
    Grid,
    parts,
    pipeline,
    points,
)  # fmt: skip
from include.workloads.spark_ml.model.report import training_report, write_report
from include.workloads.spark_ml.model.store import (
    CONTRACT_FILE,
    CROSS_VALIDATION,
    PIPELINE,
    OtherModel,
    PipelineStore,
    contract,
    files_hash,
)  # fmt: skip

if TYPE_CHECKING:
    from pyspark.ml import PipelineModel
    from pyspark.ml.tuning import CrossValidatorModel
    from pyspark.sql import DataFrame, SparkSession

log = logging.getLogger(__name__)


def train(
    spark: SparkSession,
    settings: Settings,
    version: int,
    path: str,
    *,
    folds: int,
    seed: int,
    grid: Grid = GRID,
) -> dict[str, Any]:
    """Learn from a CSV file and store the model, with its report.

    Args:
        version: a number for the rows, kept with the model.
        path: see :func:`read_training`.
        folds: parts of the rows to learn from, each of which judges once; at least 3.
        seed: of the parts and the tree.
        grid: whose points are tried.

    Returns:
        The model version, the rows by part, and the area under the ROC curve on the held-out ones.

    Raises:
        OtherSchema, TooFewRows: each says what to change; nothing is stored.
    """
    rows = read_training(spark, path).cache()
    learned, held_out = parts(rows, seed, folds)
    counts = count_parts(learned, held_out)
    own = settings.model_copy(update={"model_name": spark_ml_settings().model_name})
    store, began = PipelineStore(settings), time.monotonic()
    model_version = begin_version(own, version)
    with store.staging(model_version) as folder:
        chosen = choose(learned, folds, seed, grid)
        identity = {"model_name": own.model_name, "model_version": model_version, "dataset_version": version}
        training = {
            "path": Path(path).name, "rows_hash": rows_hash(rows), "seed": seed, "folds": folds,
            "grid": grid._asdict(), "metric": METRIC,
            "held_out_tenths": HELD_OUT_TENTHS, "seconds": round(time.monotonic() - began, 2),
            "spark": spark.version,
        }  # fmt: skip
        save(chosen, folder, training)
        labels, probabilities = answers(chosen.bestModel, held_out)
        report = training_report(
            identity, counts, of_grid(chosen), of_folds(chosen, learned), (labels, probabilities),
            importances(chosen), training, _in_service(spark, settings, held_out),
        )  # fmt: skip
        write_report(folder / REPORT_FOLDER, report, labels, probabilities)
    complete_version(own, model_version, store.path(model_version), report)
    return {"model_version": model_version, **counts, "held_out_auc": round(report["test"]["auc"], 4)}


def choose(learned: DataFrame, folds: int, seed: int, grid: Grid) -> CrossValidatorModel:
    """Fit every point of the grid on all folds but one in turn, and the best one on all rows.

    They are judged by the probability: a tree's raw prediction, which Spark takes by default, counts the
    rows of a leaf, so that a large leaf would rank before a sure one.
    """
    from pyspark.ml.evaluation import BinaryClassificationEvaluator
    from pyspark.ml.tuning import CrossValidator

    estimator = pipeline(seed)
    return CrossValidator(
        estimator=estimator,
        estimatorParamMaps=points(grid, estimator),
        evaluator=BinaryClassificationEvaluator(
            rawPredictionCol="probability", labelCol=LABEL, metricName=METRIC
        ),
        numFolds=folds,
        foldCol=FOLD,
        seed=seed,
        collectSubModels=True,
    ).fit(learned)


def save(chosen: CrossValidatorModel, folder: Path, training: dict[str, Any]) -> None:
    """Write the CrossValidatorModel, its best PipelineModel and the contract into a version's folder."""
    writer = chosen.write().option("persistSubModels", "false")
    writer.save((folder / CROSS_VALIDATION).absolute().as_uri())
    pipeline_folder, best = folder / PIPELINE, _best(chosen)
    best.write().save(pipeline_folder.absolute().as_uri())
    agreed = {**contract(), "spark": training["spark"], "pipeline_sha256": files_hash(pipeline_folder)}
    (folder / CONTRACT_FILE).write_text(json.dumps(agreed, indent=2) + "\n", encoding="utf-8")


def importances(chosen: CrossValidatorModel) -> dict[str, float]:
    """How much each feature takes part in the tree's decisions: shares of 1, the largest first."""
    stages: list[Any] = _best(chosen).stages
    _, select, tree = stages
    names = [FEATURES[place] for place in sorted(select.selectedFeatures)]  # listed by rank, kept in order
    found = {name: float(tree.featureImportances[place]) for place, name in enumerate(names)}
    return dict(sorted(((name, share) for name, share in found.items() if share), key=lambda one: -one[1]))


def _best(chosen: CrossValidatorModel) -> PipelineModel:
    return cast("PipelineModel", chosen.bestModel)


def _in_service(spark: SparkSession, settings: Settings, held_out: DataFrame) -> dict[str, Any] | None:
    """The figures of the version in service on the same held-out rows; None without one that works."""
    version = PipelineStore(settings).in_service()
    if version is None:
        return None
    try:
        model = load(spark, version, settings)
    except OtherModel as problem:
        log.warning("version %d, in service, is not compared: %s", version, problem)
        return None
    return {"version": version, **of_rows(model, held_out)}

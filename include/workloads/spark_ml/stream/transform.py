"""The transform: messages to rows with what the model in service says of them. Needs Spark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.errors import UserError
from include.settings import Settings
from include.streaming.results import MODEL_VERSION
from include.workloads.spark_ml.base.settings import spark_ml_settings
from include.workloads.spark_ml.model.loading import load
from include.workloads.spark_ml.model.store import PipelineStore
from include.workloads.spark_ml.stream.reading import read

if TYPE_CHECKING:
    from pyspark.ml import PipelineModel
    from pyspark.sql import DataFrame

NO_MODEL = "no version of the model is in service: run the DAG train_spark_ml"


def transform(messages: DataFrame, settings: Settings) -> DataFrame:
    """Apply the version that is in service as the batch begins.

    Raises:
        OtherModel: that version can't be applied.
        UserError: none is in service.
    """
    version = PipelineStore(settings).in_service()
    if version is None:
        raise UserError(NO_MODEL)
    model = load(messages.sparkSession, version, settings)
    return score(read(messages, spark_ml_settings().ok_statuses), model, version)


def score(rows: DataFrame, model: PipelineModel, version: int) -> DataFrame:
    """Rows with the features, and the kept class, the probability of signal, and the model's version."""
    from pyspark.ml.functions import vector_to_array
    from pyspark.sql import functions as F

    scored = model.transform(rows)
    answer = {
        "probability": vector_to_array(F.col("probability"))[1],
        "prediction": F.col("prediction").cast("int"),
        MODEL_VERSION: F.lit(version),
    }
    return scored.withColumns(answer).drop("assembled", "selected", "rawPrediction")


def ready(settings: Settings) -> str | None:
    """Why no batch can be processed yet; None where one can."""
    return None if PipelineStore(settings).in_service() is not None else NO_MODEL

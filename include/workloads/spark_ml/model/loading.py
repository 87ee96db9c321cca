"""A stored pipeline, checked and loaded once for each Spark application."""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from include.settings import Settings
from include.workloads.spark_ml.model.store import PIPELINE, OtherModel, PipelineStore, files_hash

if TYPE_CHECKING:
    from pyspark.ml import PipelineModel
    from pyspark.sql import SparkSession

log = logging.getLogger(__name__)


def load(spark: SparkSession, version: int, settings: Settings) -> PipelineModel:
    """The pipeline of a stored version.

    Raises:
        NoModel: it is not in the store.
        OtherModel: its files are not those that were trained, or another Spark trained it, or it is of
            other features.
    """
    store = PipelineStore(settings)
    found, folder = store.contract(version), store.path(version)
    return _loaded(folder, found["spark"], found["pipeline_sha256"], spark.sparkContext.applicationId)


@lru_cache(maxsize=4)
def _loaded(folder: Path, spark: str, digest: str, application: str) -> PipelineModel:
    """Kept: a version's files never change, and a model lives as long as its Spark application."""
    from pyspark import __version__
    from pyspark.ml import PipelineModel

    pipeline = folder / PIPELINE
    if release(spark) != release(__version__):
        raise OtherModel(f"{folder} was trained by Spark {spark}, this is {__version__}: train it again")
    if files_hash(pipeline) != digest:
        raise OtherModel(f"the files in {pipeline} are not those that were trained: train it again")
    log.info("applying the model %s", folder)
    return PipelineModel.load(pipeline.as_uri())


def release(version: str) -> str:
    """Within a release, Spark reads what it wrote.

    >>> release("4.2.0")
    '4.2'
    """
    return ".".join(version.split(".")[:2])

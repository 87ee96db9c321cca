"""A small model on made-up rows, as the drill and the benchmark need it.

``python -m include.workloads.spark_ml.sample_model 1`` trains it, and puts it into service.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from include.console.arguments import CommandParser, whole_number
from include.console.command import command
from include.settings import Settings, get_settings
from include.workloads.spark_ml.data.synthetic import write_csv
from include.workloads.spark_ml.model.pipeline import Grid

ROWS = 2_000
SMALL = Grid((20,), (4,))
"""A grid of one point: which one wins is not what a drill is about."""


def put_into_service(number: int, settings: Settings) -> int:
    """Train on made-up rows of a seed, and let the stream apply it; the model version."""
    from include.infra.spark.environment import spark_environment
    from include.infra.spark.session import local_session
    from include.workloads.spark_ml.model.store import PipelineStore
    from include.workloads.spark_ml.model.train import train

    os.environ.update(spark_environment(settings))
    with tempfile.TemporaryDirectory() as place, local_session("spark_ml", settings) as spark:
        file = Path(place) / "rows.csv"
        write_csv(file, ROWS, number)
        found = train(spark, settings, number, str(file), folds=3, seed=number, grid=SMALL)
    PipelineStore(settings).put_into_service(found["model_version"], "a sample model")
    return found["model_version"]


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Train it and put it into service."""
    parser = CommandParser("include.workloads.spark_ml.sample_model", __doc__)
    parser.add_argument("version", type=whole_number(1), help="the number of the made-up rows")
    put_into_service(parser.parse_args(argv).version, get_settings())
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Train the pipeline of the workload spark_ml by cross-validation, judge and store it.

    spark-submit --master 'local[2]' spark_apps/train_spark_ml.py --version 3 --path rows.csv

The path is one that all of Spark's processes can read: on a shared disk, or ``s3a://`` where the cluster has
the jars for it. The checkout is on PYTHONPATH of the driver; executors elsewhere: see ``dump_raw.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from include.console.arguments import CommandParser, some_text, whole_number
from include.console.command import command
from include.infra.spark.session import run_application
from include.schema.dataset_version import version_argument
from include.settings import get_settings

FEWEST_FOLDS, MOST_FOLDS = 3, 20


@command
def main(argv: Sequence[str] | None = None) -> int:
    parser = CommandParser(prog="spark_apps/train_spark_ml.py", about=__doc__)
    add = parser.add_argument
    add("--version", type=version_argument, required=True, help="a number for the rows, >= 0")
    add("--path", required=True, type=some_text, help="CSV file with a header and the declared columns")
    add("--folds", type=whole_number(FEWEST_FOLDS, MOST_FOLDS), default=3, help="3 by default")
    add("--seed", type=whole_number(0, 2**31 - 1), default=1, help="of the parts and the tree; 1 by default")
    options = parser.parse_args(argv)
    settings = get_settings()
    from include.workloads.spark_ml.model.train import train

    return run_application(
        "train_spark_ml",
        settings,
        lambda spark: train(
            spark, settings, options.version, options.path, folds=options.folds, seed=options.seed
        ),
    )


if __name__ == "__main__":
    sys.exit(main())

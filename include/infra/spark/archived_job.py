"""A job that loads the classes most drivers load: for ``class_archive``.

It reads JSON, shuffles, runs Python on Arrow batches, and streams; nothing is written.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from include.console.arguments import CommandParser
from include.console.command import command

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame


@command
def main(argv: Sequence[str] | None = None) -> int:
    CommandParser("include.infra.spark.archived_job", __doc__).parse_args(argv)
    from pyspark.sql import SparkSession

    from include.infra.spark.session import DEFAULTS

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    for name, value in DEFAULTS.items():
        builder = builder.config(name, value)
    spark = builder.config("spark.sql.shuffle.partitions", "2").getOrCreate()
    rows = spark.range(100).selectExpr("id", """concat('{"a": ', id, '}') AS value""")
    parsed = rows.selectExpr("id % 7 AS part", "from_json(value, 'a bigint').a AS a")
    parsed.mapInArrow(_same, parsed.schema).groupBy("part").count().orderBy("part").collect()
    with tempfile.TemporaryDirectory() as checkpoint:
        stream = spark.readStream.format("rate-micro-batch").option("rowsPerBatch", 10).load()
        query = (
            stream.writeStream.foreachBatch(_count)
            .option("checkpointLocation", checkpoint)
            .trigger(availableNow=True)
            .start()
        )
        query.awaitTermination()
    spark.stop()
    return 0


def _same(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield from batches


def _count(batch: DataFrame, _number: int) -> None:
    batch.count()


if __name__ == "__main__":
    sys.exit(main())

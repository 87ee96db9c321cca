from __future__ import annotations

import zipfile

from include.infra.spark.jars import pyspark_jars_folder
from include.streaming.engine.spark.query import BY_RENAMING


def test_the_installed_spark_has_the_checkpoints_file_manager() -> None:
    """Spark looks for it when a query starts, by its name alone."""
    (jar,) = pyspark_jars_folder().glob("spark-sql_2.*.jar")
    with zipfile.ZipFile(jar) as archive:
        assert f"{BY_RENAMING.replace('.', '/')}.class" in archive.namelist()

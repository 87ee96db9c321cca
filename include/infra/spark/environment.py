"""The environment variables of a Spark driver on this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from include.infra.spark.authentication import conf_dir
from include.infra.spark.jars import pyspark_jars_folder
from include.infra.spark.java import java_home, java_locale
from include.settings import PROJECT_ROOT, Settings


def spark_environment(settings: Settings) -> dict[str, str]:
    """Variables for spark-submit: this interpreter, this pyspark, the machine's Java, the checkout.

    A local master binds to loopback only; a driver of a cluster must stay reachable from it.
    """
    variables = {
        "JAVA_HOME": str(java_home(settings)),
        "SPARK_HOME": str(pyspark_jars_folder().parent),
        "SPARK_CONF_DIR": str(conf_dir(settings)),
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_DRIVER_PYTHON": sys.executable,
        "PYTHONPATH": str(PROJECT_ROOT),
        **java_locale(),
        "PYTHONWARNINGS": "ignore:PySpark does not yet:FutureWarning",  # pandas 3, which works: tests/spark
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
    }
    if settings.spark_master.startswith("local"):
        variables["SPARK_LOCAL_IP"] = settings.host
    return variables

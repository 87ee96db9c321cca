"""The environment variables of a Spark driver on this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from include.infra.spark.authentication import ON, conf_dir
from include.infra.spark.class_archive import archive_options, no_settings, quoted
from include.infra.spark.jars import pyspark_jars_folder
from include.infra.spark.java import java_home, java_locale
from include.settings import PROJECT_ROOT, Settings


def spark_environment(settings: Settings) -> dict[str, str]:
    """Variables for spark-submit: this interpreter, this pyspark, the machine's Java, the checkout.

    A local master binds to loopback only; a driver of a cluster must stay reachable from it. What a local
    driver is told holds no secret, and stands in its JVM's options; a cluster's secret is in a file.
    """
    local = settings.spark_master.startswith("local")
    variables = {
        "JAVA_HOME": str(java_home(settings)),
        "SPARK_HOME": str(pyspark_jars_folder().parent),
        "SPARK_CONF_DIR": str(no_settings(settings) if local else conf_dir(settings)),
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_DRIVER_PYTHON": sys.executable,
        "PYTHONPATH": str(PROJECT_ROOT),
        **java_locale(),
        "PYTHONWARNINGS": "ignore:PySpark does not yet:FutureWarning",  # pandas 3, which works: tests/spark
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
    }
    if local:
        options = [*(f"-D{name}={value}" for name, value in ON.items()), *archive_options(settings)]
        variables["SPARK_SUBMIT_OPTS"] = " ".join(map(quoted, options))
        variables["SPARK_LOCAL_IP"] = settings.host
    return variables

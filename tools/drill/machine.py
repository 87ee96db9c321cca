"""The machine and the versions, for the report."""

from __future__ import annotations

import shlex
import sys
from importlib.metadata import version
from platform import machine, python_version
from typing import Any

import psutil

from include.infra.spark.jars import KAFKA_BROKER
from include.local_stack.database.binaries import POSTGRES_MAJOR


def described() -> dict[str, Any]:
    """Cores, memory, versions and the command."""
    return {
        "cores": psutil.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "machine": machine(),
        "python": python_version(),
        "pyspark": version("pyspark"),
        "kafka": KAFKA_BROKER.rsplit(":", 1)[-1],
        "postgres": POSTGRES_MAJOR,
        "command": shlex.join(sys.argv),
    }

"""Spark's processes prove to each other that they belong together, and encrypt what they say.

Without that, whoever reaches a driver's or an executor's port can run code there. The way is a file of
settings, which each program of Spark reads when it starts: what is on a command line everybody sees.
"""

from __future__ import annotations

from pathlib import Path

from include.infra.processes.secret_files import private_folder, write_private
from include.settings import Settings

ON = {
    "spark.authenticate": "true",
    "spark.network.crypto.enabled": "true",
    "spark.network.crypto.saslFallback": "false",  # to DIGEST-MD5
}


def authentication(settings: Settings) -> dict[str, str]:
    """What all programs of an application, and its standalone cluster, have to have in common.

    On a local master and on Kubernetes Spark makes a secret for each application itself. A standalone cluster
    has one of its own; where we are not told it, the cluster asks for none.

    Source: https://spark.apache.org/docs/latest/security.html#spark-rpc-communication-protocol-between-spark-processes
    """
    if not settings.spark_master.startswith("spark://"):
        return ON
    secret = settings.spark_secret.get_secret_value()
    return {**ON, "spark.authenticate.secret": secret} if secret else {}


def conf_dir(settings: Settings) -> Path:
    """Spark's folder of settings, in the state folder, rewritten: for ``SPARK_CONF_DIR``."""
    folder = settings.postgres_secrets.with_name("spark")
    for one in (folder.parent, folder):
        private_folder(one)
    values = {name: value.replace("\\", "\\\\") for name, value in authentication(settings).items()}
    lines = [f"{name}={value}\n" for name, value in values.items()]
    write_private(folder / "spark-defaults.conf", "".join(lines))
    return folder

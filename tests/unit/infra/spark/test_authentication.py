"""What Spark's programs are told of their secret, and by which file."""

from __future__ import annotations

from pathlib import Path

from include.infra.spark.authentication import ON, authentication, conf_dir
from include.settings import Settings


def of(tmp_path: Path, master: str, secret: str = "") -> Settings:
    return Settings(_env_file=None, state_dir=tmp_path, spark_master=master, spark_secret=secret)


def test_a_local_master_and_kubernetes_make_a_secret_for_each_application(tmp_path: Path) -> None:
    for master in ("local[2]", "k8s://https://api"):
        assert authentication(of(tmp_path, master, "of-a-cluster")) == ON


def test_a_standalone_clusters_secret_is_in_a_file_for_us_alone(tmp_path: Path) -> None:
    assert authentication(of(tmp_path, "spark://cluster:7077")) == {}
    file = conf_dir(of(tmp_path, "spark://cluster:7077", "a\\b=#")) / "spark-defaults.conf"
    assert file.read_text().splitlines()[-1] == "spark.authenticate.secret=a\\\\b=#"
    assert file.stat().st_mode & 0o077 == 0
    assert file.parent.stat().st_mode & 0o077 == 0

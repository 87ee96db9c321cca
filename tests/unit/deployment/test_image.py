"""The Dockerfile and what it copies."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from include.settings import PROJECT_ROOT, Settings
from tests.support.deployment.checkers import complaints

DOCKERFILE = PROJECT_ROOT / "Dockerfile"
COPIES = re.compile(r"^COPY --chown=50000:0 (.+) (\S+)$", re.M)


def copies() -> list[tuple[list[str], str]]:
    return [(sources.split(), target) for sources, target in COPIES.findall(DOCKERFILE.read_text())]


def test_hadolint_has_nothing_to_say() -> None:
    assert complaints("hadolint", DOCKERFILE) == ""


def test_what_is_copied_is_there_and_not_ignored() -> None:
    lines = (PROJECT_ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = {line[1:] for line in lines if line.startswith("!")}
    for source in [source for sources, _ in copies() for source in sources]:
        assert (PROJECT_ROOT / source).exists()
        assert source.split("/")[0] in allowed
    assert lines.index("*") < min(map(lines.index, (f"!{name}" for name in allowed)))


def test_the_whole_program_is_copied() -> None:
    copied = {source for sources, _ in copies() for source in sources}
    parts = {"include", "dags", "plugins", "spark_apps", "streamlit_apps", ".streamlit", "requirements.lock"}
    assert parts <= copied


def test_the_pages_secrets_stay_out_of_the_image() -> None:
    """The folder with the pages' configuration is copied, and may hold the login's secrets beside it."""
    lines = (PROJECT_ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert lines.index("**/secrets.toml") > lines.index("!.streamlit")


def test_the_jars_layer_can_import_what_it_runs(tmp_path: Path) -> None:
    """It comes before the code, so that a change of code does not download the jars again."""
    for sources, target in copies():
        if sources == ["include"]:
            break
        for source in sources:
            into = tmp_path / target / Path(source).name if target.endswith("/") else tmp_path / target
            into.parent.mkdir(parents=True, exist_ok=True)
            if (PROJECT_ROOT / source).is_dir():
                shutil.copytree(PROJECT_ROOT / source, into)
            else:
                shutil.copy(PROJECT_ROOT / source, into)
    program = "from include.infra.spark.jars import spark_jars, spark_set; print(spark_set().folder)"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("spark-")


def test_the_variables_it_sets() -> None:
    text = DOCKERFILE.read_text(encoding="utf-8")
    python = re.search(r"ARG AIRFLOW_IMAGE=\S+-python([\d.]+)$", text, re.M)
    assert python
    assert f"/lib/python{python[1]}/site-packages/pyspark" in text
    for name in re.findall(r"\bTWEETSIEVE_(\w+)=", text):
        assert name.lower() in Settings.model_fields

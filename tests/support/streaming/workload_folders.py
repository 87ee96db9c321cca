"""Workloads in folders outside the project, as the setting ``workloads_path`` names them."""

from __future__ import annotations

from pathlib import Path

from include.settings import Settings

MINIMAL = """
import pyarrow as pa
from include.streaming.decoding import decoded
from include.streaming.results import POSITION, Results
from include.streaming.scorer_choices import InProcess, Output
from include.streaming.workload import Workload

def decode(values):
    return decoded(list(range(len(values))), {{"text": values.cast(pa.string())}}, {{}})

WORKLOAD = Workload(
    "{name}",
    topics=lambda settings: ("{name}_topic",),
    decode=decode,
    scorers={{"lengths": InProcess("builtins:dict", (Output("length"),), {{"text": "a"}}, "1")}},
    results=Results(pa.schema([*POSITION, pa.field("length", pa.float64())]), "{name}"),
)
"""


def write_workload(folder: Path, name: str, source: str = MINIMAL) -> Path:
    """``<folder>/<name>/workload.py``."""
    file = folder / name / "workload.py"
    file.parent.mkdir(parents=True)
    file.write_text(source.format(name=name) if source is MINIMAL else source, encoding="utf-8")
    return file


def with_workloads(settings: Settings, *folders: Path) -> Settings:
    """Settings that look into these folders as well."""
    return settings.model_copy(update={"workloads_path": ":".join(map(str, folders))})

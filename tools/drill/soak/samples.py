"""What is looked at while a stream runs: memory by program, files, tables."""

from __future__ import annotations

from pathlib import Path

import psutil

from include.infra.postgres.connection import connect
from include.infra.processes import supervisor
from include.settings import Settings
from tools.drill.testbed.testbed import DrillTestbed

Sample = dict[str, float]
"""Figures by name: ``rss/<program>`` in MB, ``files/<folder>`` as a number, ``bytes/<folder>`` and
``table/<name>`` in MB, ``messages`` and ``behind`` as numbers, ``seconds`` since the beginning."""

_TABLES = """
SELECT coalesce(parent.relname, c.relname), sum(pg_total_relation_size(c.oid))::float8 / 1e6
FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
LEFT JOIN pg_class parent ON parent.oid = i.inhparent
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relpersistence = 'p' GROUP BY 1
"""


def take(testbed: DrillTestbed, seconds: float) -> Sample:
    """One sample; what is away at that moment is not in it."""
    settings = testbed.settings
    return {
        "seconds": round(seconds, 1),
        "messages": testbed.input.sent.messages,
        "behind": testbed.left(),
        **_memory(settings),
        **_files(settings.state_dir),
        **_tables(settings),
    }


def _memory(settings: Settings) -> Sample:
    """Resident memory of each program with all its children; shared pages count in each process."""
    found: Sample = {}
    for name, state in supervisor.states(settings).items():
        if state.pid:
            found[f"rss/{name}"] = round(sum(map(_rss, _family(state.pid))) / 1e6, 1)
    return found


def _family(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _rss(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def _files(state_dir: Path) -> Sample:
    """Files and their bytes below each folder of the state."""
    found: Sample = {}
    for folder in sorted(path for path in state_dir.iterdir() if path.is_dir()):
        sizes = [size for path in folder.rglob("*") if (size := _size(path)) is not None]
        found[f"files/{folder.name}"] = len(sizes)
        found[f"bytes/{folder.name}"] = round(sum(sizes) / 1e6, 2)
    return found


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size if path.is_file() else None
    except OSError:  # gone meanwhile
        return None


def _tables(settings: Settings) -> Sample:
    with connect(settings) as connection:
        return {f"table/{name}": round(size, 2) for name, size in connection.execute(_TABLES).fetchall()}

"""TensorFlow without the notices that it writes while it is loaded, whoever loads it.

They tell of the processor, go to standard error whatever the log level is, and so show as errors in a task's
log. What else is written meanwhile passes, even where the process does not survive: another one filters.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

NOTICES = r"^(I0000 |WARNING: All log messages before absl::InitializeLog)"
"""Of the first level, before TensorFlow's logging is set up; and the sentence that says so."""


def install() -> None:
    """Have TensorFlow's first import in this process be quiet; later notices are left to its level."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if "tensorflow" not in sys.modules and not any(isinstance(one, _Finder) for one in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    """Finds what Python itself finds, and has it executed quietly."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != "tensorflow":
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def quietly(module: ModuleType) -> None:
                with filtered_stderr(NOTICES):
                    execute(module)

            spec.loader.exec_module = quietly  # type: ignore[method-assign]
        return spec


@contextmanager
def filtered_stderr(pattern: str, patience: float = 5.0) -> Iterator[None]:
    """Keep lines that match away from standard error, whether Python or C writes them.

    ``patience``: seconds for the rest to arrive; a process that was started meanwhile may hold the pipe open.
    """
    grep = shutil.which("grep")
    if grep is None:
        yield
        return
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        filtering = subprocess.Popen(
            [grep, "--line-buffered", "-avE", pattern], stdin=subprocess.PIPE, stdout=kept
        )
    except OSError:
        os.close(kept)
        yield
        return
    assert filtering.stdin is not None
    os.dup2(filtering.stdin.fileno(), 2)
    filtering.stdin.close()
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
        with suppress(subprocess.TimeoutExpired):
            filtering.wait(patience)

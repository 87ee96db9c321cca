"""A launcher in memory that records what it was asked to do."""

from __future__ import annotations

from pathlib import Path

from include.infra.errors import StackError


class RecordedPrograms:
    """A :class:`include.streaming.control.launcher.Launcher`; programs run from their start to their stop.

    Attributes:
        calls: 'start NAME' and 'stop NAME', in order.
        down: the process manager does not answer.
    """

    def __init__(self, folder: Path = Path("logs")) -> None:
        self.calls: list[str] = []
        self.active: set[str] = set()
        self.down = False
        self._folder = folder

    def start(self, program: str) -> None:
        self.calls.append(f"start {program}")
        self.active.add(program)

    def stop(self, program: str) -> None:
        self.calls.append(f"stop {program}")
        self.active.discard(program)

    def is_active(self, program: str) -> bool:
        if self.down:
            raise StackError("the local stack is not running")
        return program in self.active

    def log_file(self, program: str) -> Path:
        return self._folder / f"{program}.log"

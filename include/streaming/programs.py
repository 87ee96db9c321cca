"""Programs beside a stream, as a workload declares them: what publishes its messages, what it scores with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from include.settings import Settings


def _nothing(settings: Settings) -> tuple[str, ...]:
    return ()


def _no_ports(settings: Settings) -> dict[str, int]:
    return {}


def _always(settings: Settings) -> bool:
    return True


@dataclass(frozen=True)
class Program:
    """One long-running program, run by the process manager as ``python -m <module> <arguments>``.

    SIGTERM stops it. Exit code 2 means that a person has to act; it is not started again then.

    Attributes:
        name: its name in the process manager and of its log; unique among all workloads' programs.
        module: what is run.
        arguments: its command line after the module.
        ports: settings' names and the loopback ports it listens on.
        embedded: whether it is run here; not where the settings name a server of one's own.
    """

    name: str
    module: str
    arguments: Callable[[Settings], Sequence[str]] = _nothing
    ports: Callable[[Settings], Mapping[str, int]] = _no_ports
    embedded: Callable[[Settings], bool] = _always


@dataclass(frozen=True)
class Producer:
    """One way by which live messages come into the workload's topics.

    Attributes:
        programs: what runs for it, in the order of their start.
        configure: called before the start as ``configure(settings, what, stop)``. ``what`` was asked to be
            sent (None: the producer's own choice); it calls ``stop`` before it changes what the programs
            read at their start, so that none goes on with the old choice. Raises UserError where ``what``
            can't be sent. None: there is nothing to choose.
    """

    programs: tuple[Program, ...]
    configure: Callable[[Settings, str | None, Callable[[], None]], None] | None = None

"""Starting and stopping what runs beside a stream: its producers, and the services that it scores with."""

from __future__ import annotations

from include.errors import UserError
from include.settings import Settings
from include.streaming.control import launcher
from include.streaming.programs import Producer, Program
from include.streaming.workload import Workload

NONE = "none"
"""The name that chooses no producer: messages come from elsewhere."""


def chosen_producer(workload: Workload, name: str) -> Producer:
    """The workload's producer of this name; one without programs for NONE.

    Raises:
        UserError: listing the names there are.
    """
    producers = {NONE: Producer(programs=()), **workload.producers}
    if name not in producers:
        raise UserError(
            f"workload {workload.name} has no live feed {name!r}; there is: {', '.join(producers)}"
        )
    return producers[name]


def configure_producer(settings: Settings, producer: Producer, source: str | None) -> None:
    """Have the producer send ``source`` from its next start on; one that sends something else stops.

    Raises:
        UserError: it can't be sent.
    """
    if producer.configure is not None:
        producer.configure(settings, source, lambda: stop_producer(settings, producer))


def start_producer(settings: Settings, producer: Producer) -> None:
    """Start the producer's programs that do not run.

    Raises:
        StackError: a program could not be started; names its log.
    """
    for program in producer.programs:
        launcher.launcher(settings).start(program.name)


def stop_producer(settings: Settings, producer: Producer) -> None:
    """Stop the producer's programs, in the reverse order of their start."""
    for program in reversed(producer.programs):
        launcher.launcher(settings).stop(program.name)


def start_services(settings: Settings, workload: Workload) -> None:
    """Start the services that the workload scores with, where they do not run."""
    for service in embedded_services(settings, workload):
        launcher.launcher(settings).start(service.name)


def stop_services(settings: Settings, workload: Workload) -> None:
    """Stop the services that the workload scores with."""
    for service in reversed(embedded_services(settings, workload)):
        launcher.launcher(settings).stop(service.name)


def embedded_services(settings: Settings, workload: Workload) -> list[Program]:
    """The services that are run here; for the others the settings name a server of one's own."""
    return [service for service in workload.services if service.embedded(settings)]

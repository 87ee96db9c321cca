"""Telling people: each channel once per incident and once of its end, however often one fails."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence

import psycopg

from include.streaming.backoff import pauses
from include.streaming.monitor import incidents
from include.streaming.monitor.channels import AlertNotDelivered, Channel
from include.streaming.monitor.incidents import Incident

log = logging.getLogger(__name__)

RECOVERED = "is over"
"""What tells the notice of an incident's end from its alert."""

LONGEST_PAUSE = 60.0
"""A channel that fails is tried again after pauses that grow to this, in seconds."""


class Notifier:
    """Hands alerts to channels; one that fails holds up no other.

    ``failed`` is called with the name of a channel that did not take an alert.
    """

    def __init__(self, channels: Sequence[Channel], failed: Callable[[str], None] = lambda _: None) -> None:
        self._channels = channels
        self._failed = failed
        self._pauses: dict[str, Iterator[float]] = {}
        self._next_try: dict[str, float] = {}

    def notify(self, connection: psycopg.Connection) -> None:
        """Tell every channel what it does not know.

        An incident is marked after the channel took it: a crash between the two repeats a message, none is
        lost.
        """
        for incident in incidents.untold(connection, [channel.name for channel in self._channels]):
            for channel in self._channels:
                self._tell(connection, channel, incident)

    def send_all(self, title: str, text: str) -> None:
        """Tell every channel what can't be kept in the database, such as that the database is down."""
        for channel in self._channels:
            self.send(channel, title, text)

    def send(self, channel: Channel, title: str, text: str) -> bool:
        """Hand a message over, unless the channel failed lately; whether it was taken."""
        if time.monotonic() < self._next_try.get(channel.name, 0.0):
            return False
        try:
            channel.send(title, text)
        except AlertNotDelivered as problem:
            pause = next(self._pauses.setdefault(channel.name, pauses(first=1, longest=LONGEST_PAUSE)))
            self._next_try[channel.name] = time.monotonic() + pause
            self._failed(channel.name)
            log.warning("an alert waits: %s", problem)
            return False
        self._pauses.pop(channel.name, None)
        return True

    def _tell(self, connection: psycopg.Connection, channel: Channel, incident: Incident) -> None:
        for recovered in incident.due(channel.name):
            if not self.send(channel, *message(incident, recovered=recovered)):
                return
            incidents.mark_told(connection, incident, channel.name, recovered=recovered)


def message(incident: Incident, *, recovered: bool) -> tuple[str, str]:
    """Title and text of an alert, or of the notice of its end."""
    if not recovered:
        return f"[tweetsieve] {incident.workload}: {incident.kind}", incident.message
    assert incident.closed_at is not None
    lasted = (incident.closed_at - incident.opened_at).total_seconds()
    title = f"[tweetsieve] {incident.workload}: {incident.kind} {RECOVERED}"
    return title, f"over after {lasted:.0f} s: {incident.message}"

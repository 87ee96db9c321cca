"""Events without an end, as messages: made-up ones, or those of a file again and again."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from include.workloads.higgs.data.labelled import UnusableEvents, labelled_events
from include.workloads.higgs.data.messages import message
from include.workloads.higgs.data.synthetic import CHUNK, chunk

FIRST_ID = 100_000
"""The challenge numbers its events from here on; so do we."""
MOST_ROWS = 10_000_000


def event_messages(source: str, path: str | None, seed: int) -> Iterator[tuple[bytes, bytes]]:
    """Keys (the event's number) and values. A file's events come again and again, under their own numbers.

    Raises:
        UnusableEvents: the file is none of the source's, or empty; before the first event.
    """
    if source == "synthetic" and not path:
        return _made_up(seed)
    found = labelled_events(source, path, MOST_ROWS, seed)
    if not len(found):
        raise UnusableEvents(f"{path} holds no event")
    messages = [
        (b"%d" % number, message(number, features))
        for number, features in zip(found.ids.tolist(), found.features, strict=True)
    ]
    return (one for _ in count() for one in messages)


def _made_up(seed: int) -> Iterator[tuple[bytes, bytes]]:
    for number in count():
        for place, features in enumerate(chunk(seed, number)[0]):
            event_id = FIRST_ID + number * CHUNK + place
            yield b"%d" % event_id, message(event_id, features)

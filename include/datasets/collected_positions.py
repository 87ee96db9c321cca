"""The Kafka positions of a version's posts, and the selection of a number of them.

A version's posts are at the positions ``[start, end)`` of each partition in its row of ``collection``, which
do not change when more posts arrive.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

import psycopg

from include.errors import UserError
from include.infra.kafka.admin import Broker
from include.infra.kafka.offsets import Spans
from include.schema.dataset_tables import MissingTable, require_table
from include.settings import Settings

_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")


class PositionsLost(UserError):
    """Kafka no longer holds the positions of a version."""


@dataclass(frozen=True)
class Positions:
    """Positions of a version by topic.

    >>> Positions({"a": {0: (5, 8), 1: (2, 2)}}).count()
    3
    """

    topics: dict[str, Spans]

    def count(self) -> int:
        return sum(end - start for spans in self.topics.values() for start, end in spans.values())

    def partitions(self) -> str:
        """In the format of Spark's option ``assign``."""
        return json.dumps({topic: sorted(spans) for topic, spans in self.topics.items()})

    def starts(self) -> str:
        """In the format of Spark's option ``startingOffsets``."""
        return json.dumps({t: {str(p): span[0] for p, span in s.items()} for t, s in self.topics.items()})

    def before_end(self) -> str:
        """A condition, in Spark's SQL, on the columns topic, partition and offset of its Kafka source.

        >>> Positions({"a": {0: (5, 8)}}).before_end()
        "(topic = 'a' AND partition = 0 AND offset < 8)"
        """
        return " OR ".join(
            f"(topic = '{topic}' AND partition = {partition} AND offset < {end})"
            for topic, spans in self.topics.items()
            for partition, (_, end) in spans.items()
        )

    def take(self, wanted: dict[str, int]) -> tuple[Positions, Positions]:
        """Divide into the first positions, as many per topic as ``wanted``, and the rest."""
        taken = {topic: take(spans, wanted.get(topic, 0)) for topic, spans in self.topics.items()}
        rest = {
            topic: {p: (taken[topic][p][1], end) for p, (_, end) in spans.items()}
            for topic, spans in self.topics.items()
        }
        return Positions(taken), Positions(rest)


def take(spans: Spans, wanted: int) -> Spans:
    """The earliest ``wanted`` positions, as evenly from each partition as their lengths allow.

    A partition too short for its share gives all it has, and the others give more; a remainder goes to the
    lowest partitions. Depends on the spans alone, not on the messages.

    >>> take({0: (10, 20), 1: (0, 2), 2: (5, 15)}, 9)
    {0: (10, 14), 1: (0, 2), 2: (5, 8)}
    >>> take({0: (0, 3), 1: (0, 1)}, 100)
    {0: (0, 3), 1: (0, 1)}
    """
    shares = {}
    shortest_first = sorted(spans, key=lambda p: (spans[p][1] - spans[p][0], -p))
    for left, partition in zip(range(len(spans), 0, -1), shortest_first, strict=True):
        start, end = spans[partition]
        shares[partition] = min(end - start, wanted // left)
        wanted -= shares[partition]
    return {p: (start, start + shares[p]) for p, (start, _) in spans.items()}


def collected_positions(connection: psycopg.Connection, version: int) -> Positions:
    """The positions that ``collect_tweets`` recorded for the version.

    Raises:
        MissingTable: the version was not collected completely.
    """
    require_table(connection, "collection", "collect_tweets")
    row = connection.execute(
        "SELECT start_offsets, end_offsets FROM collection WHERE version = %s", [version]
    ).fetchone()
    if row is None:
        raise MissingTable(
            f"dataset version {version} was not collected: run the DAG collect_tweets for it first"
        )
    starts, ends = row
    return Positions(
        {
            _checked(topic): {
                int(p): (int(starts[topic].get(p, 0)), int(end)) for p, end in partitions.items()
            }
            for topic, partitions in ends.items()
        }
    )


def _checked(topic: str) -> str:
    """A name as Kafka allows it: letters, digits, dot, underscore and dash, which need no quoting."""
    if not _TOPIC.fullmatch(topic):
        raise UserError(f"table collection names a topic {topic!r}, which no Kafka topic can be called")
    return topic


def require_positions(positions: Positions, version: int, settings: Settings, timeout: float = 20) -> None:
    """Check that the broker answers and still has all positions of the version.

    Raises:
        BrokerUnavailable: naming the address.
        PositionsLost: naming the topic and partition.
    """
    held = Broker(settings, timeout).spans(list(positions.topics))
    for topic, spans in positions.topics.items():
        for partition, span in spans.items():
            if span[0] < span[1]:
                _compare(f"{topic}[{partition}]", version, span, held[topic].get(partition, (0, 0)))


def _compare(place: str, version: int, wanted: tuple[int, int], held: tuple[int, int]) -> None:
    if wanted[0] < held[0] or wanted[1] > held[1]:
        raise PositionsLost(
            f"posts of dataset version {version} are gone from Kafka: {place} holds positions "
            f"{held[0]} to {held[1]}, the version needs {wanted[0]} to {wanted[1]}; "
            "run the DAGs clean_dataset and collect_tweets for it"
        )

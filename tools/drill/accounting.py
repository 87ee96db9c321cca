"""The account after a fault: where every position of the input is, in numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from include.infra.kafka.admin import Broker
from include.infra.postgres.connection import connect
from include.settings import Settings
from tools.drill.messages import Sent

# Per partition, positions go from 0 to its end without a gap: a different count is a lost or doubled one.
_PLACES = """
WITH everywhere AS (
    SELECT topic, kafka_partition, kafka_offset FROM ai_tweets
    UNION ALL SELECT topic, kafka_partition, kafka_offset FROM dead_letter WHERE replayed_at IS NULL
), places AS (
    SELECT count(*) AS rows FROM everywhere GROUP BY topic, kafka_partition, kafka_offset
)
SELECT (SELECT count(*) FROM ai_tweets), (SELECT count(*) FROM dead_letter WHERE replayed_at IS NULL),
       count(*), count(*) FILTER (WHERE rows > 1) FROM places
"""
_WRONG_LINKS = """
SELECT count(*)
FROM (SELECT link, count(*) AS posts FROM ai_tweets, unnest(links) AS link GROUP BY link) AS counted
FULL JOIN links USING (link) WHERE counted.posts IS DISTINCT FROM links.posts
"""


@dataclass(frozen=True)
class Account:
    """Positions of the input, and where they are.

    Attributes:
        positions: messages in Kafka.
        sent: messages that were sent; more positions would be the broker's doing, and are none.
        classified, dead_letters: rows of either table.
        missing: positions in neither.
        doubled: positions in more than one row.
        wrongly_dead: dead letters beyond the messages that were sent malformed or as errors.
        wrong_links: links whose count of posts is not the number of posts.
    """

    positions: int
    sent: int
    classified: int
    dead_letters: int
    missing: int
    doubled: int
    wrongly_dead: int
    wrong_links: int

    @property
    def right(self) -> bool:
        """Whether every position is in one place, once, and in the right one."""
        wrong = (self.missing, self.doubled, self.wrongly_dead, self.wrong_links, self.positions - self.sent)
        return not any(wrong)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "right": self.right}


def take(settings: Settings, sent: Sent) -> Account:
    """Count everything now; meant for when nothing is on its way any more."""
    ends = Broker(settings).highs([settings.ai_topic, settings.mix_topic])
    positions = sum(end for parts in ends.values() for end in parts.values())
    with connect(settings) as connection:
        row = connection.execute(_PLACES).fetchone()
        wrong_links = connection.execute(_WRONG_LINKS).fetchone()
    assert row is not None
    assert wrong_links is not None
    classified, dead_letters, places, doubled = row
    return Account(
        positions, sent.messages, classified, dead_letters, positions - places, doubled,
        dead_letters - sent.dead_letters, wrong_links[0],
    )  # fmt: skip

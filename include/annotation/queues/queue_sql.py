"""The SQL of each queue: which texts it holds, who may label them, and in which order.

Conditions refer to a row ``s`` with a ``text_hash``, and to the parameters ``annotator``, ``version``,
``queue`` and ``share``.
"""

from __future__ import annotations

from typing import LiteralString, NamedTuple

from include.annotation.queues.item import QueueName

NOT_HELD: LiteralString = """
    NOT EXISTS (SELECT FROM labelling_lease l
                WHERE l.text_hash = s.text_hash AND l.expires_at >= clock_timestamp())
"""

_PEOPLE: LiteralString = """
    (SELECT CASE WHEN bool_or(e.action = 'adjudicate') THEN 2 ELSE count(DISTINCT e.annotator) END
     FROM standing_event e WHERE e.text_hash = s.text_hash AND e.label IS NOT NULL)
"""
"""How many annotators have labelled a text; an adjudicated one counts as two: it needs no more labels."""

# A fixed share of all texts, independent of the order of the queue, which is by the hash itself.
_SHARED: LiteralString = """
    ('x' || left(md5('overlap ' || s.text_hash), 8))::bit(32)::bigint < %(share)s * 4294967296
"""
_MINE: LiteralString = """
    EXISTS (SELECT FROM standing_event e WHERE e.text_hash = s.text_hash AND e.annotator = %(annotator)s)
"""
_RANDOM: LiteralString = f"NOT {_MINE} AND {_PEOPLE} < CASE WHEN {_SHARED} THEN 2 ELSE 1 END"
_OVERLAP: LiteralString = f"NOT {_MINE} AND {_PEOPLE} = 1 AND {_SHARED}"
_LISTED: LiteralString = f"NOT {_MINE} AND {_PEOPLE} = 0"
_DISPUTED: LiteralString = """
    EXISTS (SELECT FROM disputed_text d WHERE d.text_hash = s.text_hash)
    AND NOT EXISTS (SELECT FROM standing_event e WHERE e.text_hash = s.text_hash
                    AND e.annotator = %(annotator)s AND e.queue = 'adjudication')
"""


class QueueQuery(NamedTuple):
    """One queue.

    source: the tables with its texts, searched one after the other; ``{split}`` stands for a split's table.
    wanted: the condition that a text is still to be labelled by this annotator.
    """

    source: LiteralString
    splits: tuple[str, ...]
    wanted: LiteralString
    order: LiteralString


_SPLITS = ("test", "dev", "train", "snorkel_train")
_LIST: LiteralString = "labelling_queue s WHERE s.version = %(version)s AND s.queue = %(queue)s AND"
_LABELLED: LiteralString = (
    "{split} s WHERE s.text_hash IN (SELECT text_hash FROM label_event WHERE label IS NOT NULL) AND"
)
_FLAGGED_TOO: LiteralString = "{split} s WHERE s.text_hash IN (SELECT text_hash FROM disputed_text) AND"
_REPORTED: LiteralString = """
    reported_post s WHERE NOT EXISTS (SELECT FROM {test} t WHERE t.text_hash = s.text_hash) AND
"""

# A split is itself a random sample, and a text's hash is independent of its content: ordering by it is a
# shuffle that all annotators share, and that the table has an index for. The targeted queues never hold
# test posts: what was chosen for being hard must not be measured on.
QUEUE_QUERIES: dict[QueueName, QueueQuery] = {
    "random": QueueQuery("{split} s WHERE", _SPLITS, _RANDOM, "s.text_hash"),
    "overlap": QueueQuery(_LABELLED, _SPLITS, _OVERLAP, "s.text_hash"),
    "uncertainty": QueueQuery(_LIST, ("",), _LISTED, "s.priority DESC, s.text_hash"),
    "conflict": QueueQuery(_LIST, ("",), _LISTED, "s.priority DESC, s.text_hash"),
    "disagreement": QueueQuery(_LIST, ("",), _LISTED, "s.priority DESC, s.text_hash"),
    # What curators held to be classified wrongly: chosen for that, so it is never measured on either.
    "reported": QueueQuery(_REPORTED, ("",), _LISTED, "s.event"),
    "adjudication": QueueQuery(_FLAGGED_TOO, _SPLITS, _DISPUTED, "s.text_hash"),
}
TARGETED: tuple[QueueName, ...] = ("uncertainty", "conflict", "disagreement")
"""The targeted queues, whose texts are rows of ``labelling_queue``."""

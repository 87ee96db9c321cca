"""What each queue draws from, whom it gives a text to, and in which order, as SQL.

Conditions speak of a row ``s`` with a ``text_hash``, and of the parameters ``annotator``, ``version``,
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
"""How many people have labelled a text; an adjudicated one needs nobody any more."""

# A fixed share of all texts, independent of the order of the queue, whose key is the hash itself.
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


class Plan(NamedTuple):
    """One queue.

    source: what holds its texts, one table after the other; ``{split}`` stands for a split's table.
    wanted: whether a text is still to be labelled by this annotator.
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

# A split is itself a random sample, and a text's hash says nothing of its content: its order is a
# shuffle that all annotators share, and that the table has an index for. Lists are never of test
# posts: what was picked for being hard must not measure.
PLANS: dict[QueueName, Plan] = {
    "random": Plan("{split} s WHERE", _SPLITS, _RANDOM, "s.text_hash"),
    "overlap": Plan(_LABELLED, _SPLITS, _OVERLAP, "s.text_hash"),
    "uncertainty": Plan(_LIST, ("",), _LISTED, "s.priority DESC, s.text_hash"),
    "conflict": Plan(_LIST, ("",), _LISTED, "s.priority DESC, s.text_hash"),
    "disagreement": Plan(_LIST, ("",), _LISTED, "s.priority DESC, s.text_hash"),
    "adjudication": Plan(_FLAGGED_TOO, _SPLITS, _DISPUTED, "s.text_hash"),
}
LISTS: tuple[QueueName, ...] = ("uncertainty", "conflict", "disagreement")
"""Queues whose texts stand in ``labelling_queue``."""

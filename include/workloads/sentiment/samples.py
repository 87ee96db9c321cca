"""Made-up messages: complaints, praise and small talk. The same number always gives the same message."""

from __future__ import annotations

import random
import uuid

import orjson

from include.streaming.samples import Samples

_SUBJECTS = (
    "the delivery", "your driver", "this app", "the new update", "the refund", "my order", "the support line",
    "the restaurant", "the hotel room", "the train", "the parcel", "the battery", "the waiter", "the invoice",
)  # fmt: skip
_CALM = ("arrived on Tuesday", "is in the hall", "has a blue cover", "was mentioned in the newsletter",
         "starts at nine", "is the one from the catalogue")  # fmt: skip
_GOOD = ("was great", "is really good", "made me happy", "was a lovely surprise", "is excellent",
         "works fine", "was kind and helpful")  # fmt: skip
_BAD = ("was late", "is bad", "keeps failing", "was rude", "is broken", "was a disappointment",
        "lost my parcel")  # fmt: skip
_FURIOUS = ("is a HORRIBLE disaster and I hate it!!!", "was the WORST, I am furious and disgusted!!",
            "is a terrible, awful fraud, you ruined my week!!!")  # fmt: skip
_DELIGHTED = ("is AMAZING, I love it so much!!!", "was wonderful, the best ever, thank you!! :)")
_MOODS = (_CALM, _GOOD, _BAD, _FURIOUS, _DELIGHTED)
_OF_100 = (30, 25, 25, 12, 8)
_ENDS = ("", ".", "!", " 😀", " 日本から", "\nSent from my phone", " <b>please reply</b>", ' "quoted"')

_WRONG_CASES = """
SELECT count(*) FROM sentiment AS s FULL JOIN sentiment_case AS c USING (topic, kafka_partition, kafka_offset)
WHERE (abs(s.compound) >= 0.5 OR s.neg >= 0.3) IS DISTINCT FROM (c.arrived_at IS NOT NULL)
"""
_NAMESPACE = uuid.UUID("9f0c33a1-6f8b-4a3c-9a43-1d0a55a6ad3e")


def text(number: int) -> str:
    """The text of a message."""
    chosen = random.Random(number)
    (mood,) = chosen.choices(_MOODS, _OF_100)
    return f"{chosen.choice(_SUBJECTS)} {chosen.choice(mood)}{chosen.choice(_ENDS)} ({number})"


def message(number: int) -> bytes:
    """A message as producers send it."""
    return orjson.dumps({"data": text(number)})


def cut_off(number: int) -> bytes:
    """A message whose end is missing.

    >>> cut_off(7)
    b'{"data": "cut off (7)'
    """
    return b'{"data": "cut off (%d)' % number


def key(number: int) -> bytes:
    """A uuid, the same for the same number.

    >>> key(1) == key(1) != key(2)
    True
    """
    return str(uuid.uuid5(_NAMESPACE, str(number))).encode()


def samples() -> Samples:
    """For the drill; ``wrong_cases`` are emotional messages that are not queued, or others that are."""
    return Samples(valid=message, malformed=cut_off, key=key, checks={"wrong_cases": _WRONG_CASES})

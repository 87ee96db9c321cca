"""Reading events one message at a time: what Arrow's reader refused, for the reason or the right number."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pyarrow as pa

from include.streaming.decoding import Unreadable, read_each
from include.workloads.higgs.base.events import EVENT_ID, FEATURES, LARGEST_ID


def read_one_by_one(values: pa.Array, places: np.ndarray, numbers: np.ndarray) -> dict[int, str]:
    """Read the messages at these places into ``numbers``, float64 [1 + features, n].

    Returns:
        The reasons of those that are no events, by place.
    """
    if not len(places):
        return {}
    read, events, refused = read_each(values.take(pa.array(places)), read_event)
    for index, event in zip(read, events, strict=True):
        numbers[:, places[index]] = event
    return {int(places[index]): reason for index, reason in refused.items()}


def read_event(raw: bytes) -> list[float]:
    """The event's number and its features, in their order.

    Raises:
        Unreadable: it is no event, and why.
    """
    found = _object(raw)
    return [_event_id(found), *(_number(found, name) for name in FEATURES)]


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as problem:
        raise Unreadable("not JSON") from problem
    if not isinstance(found, dict):
        raise Unreadable("not an object")
    return found


def _event_id(found: dict[str, Any]) -> float:
    """A whole number from 0 on, as ``100000`` or ``100000.0``; a text is none."""
    value = _number(found, EVENT_ID)
    if not 0 <= value <= LARGEST_ID or value != math.floor(value):
        raise Unreadable(f"{EVENT_ID} is no whole number from 0 to 2^53")
    return value


def _number(found: dict[str, Any], name: str) -> float:
    value = found.get(name)
    if value is None:
        raise Unreadable(f"{name} is missing")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unreadable(f"{name} is no number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise Unreadable(f"{name} is not finite")
    return number

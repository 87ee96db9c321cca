"""From Kafka messages to the model's inputs: a column for each feature, without a Python object per value.

Arrow's JSON reader takes all messages of a batch at once. It reads objects one after the other, wherever a
message ends, and fails as a whole; so it is only given messages that hold exactly one flat object as far as
their braces tell, and a batch that it fails on is split at the message to blame. Those, and the few whose
braces tell nothing, are read one by one, see :mod:`include.workloads.higgs.decoding.one_event`.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import json

from include.streaming.decoding import Decoded
from include.workloads.higgs.base.events import EVENT_ID, FEATURES, LARGEST_ID
from include.workloads.higgs.decoding.one_event import read_one_by_one

COLUMNS = (EVENT_ID, *FEATURES)

AS_NUMBERS = json.ParseOptions(
    explicit_schema=pa.schema([(name, pa.float64()) for name in COLUMNS]), unexpected_field_behavior="ignore"
)
AT_ONCE = 2048
"""Messages of one call of the reader: what is read again where one of them is broken."""
ROW = re.compile(r"in row (\d+)$")


def decode(values: pa.Array) -> Decoded:
    """Read the values of messages; what is no event is refused with a reason.

    The inputs are ``event_id`` (int64) and the features by name (float64, all finite).

    >>> found = decode(pa.array([b'{"EventId": 1.0}', b"{", None]))
    >>> found.inputs.num_rows, found.refused
    (0, {0: 'DER_mass_MMC is missing', 1: 'not JSON', 2: 'empty'})
    """
    at_once = np.flatnonzero(_flat_objects(values))
    numbers = np.full((len(COLUMNS), len(values)), np.nan)
    for start in range(0, len(at_once), AT_ONCE):
        _read(values, at_once[start : start + AT_ONCE], numbers)
    right = _events(numbers)
    refused = read_one_by_one(values, np.flatnonzero(~right), numbers)
    if refused:
        right = np.ones(len(values), bool)
        right[list(refused)] = False
        numbers = numbers[:, right]
    rows = np.flatnonzero(right) if refused else np.arange(len(values))
    ids = numbers[0].astype(np.int64)
    inputs = pa.record_batch([ids, *numbers[1:]], names=["event_id", *FEATURES])
    return Decoded(inputs, pa.array(rows), refused)


def _flat_objects(values: pa.Array) -> np.ndarray:
    """Messages that begin with their only ``{`` and end with their only ``}``: bool[n].

    A line break ends every string, so whatever else such a message holds, the reader finds one object in it
    or fails on it; it never reads on into the next one.
    """
    ends = pc.and_(pc.starts_with(values, b"{"), pc.ends_with(values, b"}"))
    flat = pc.fill_null(ends, False).to_numpy(zero_copy_only=False)
    return flat & (_braces(values, "{") == 1) & (_braces(values, "}") == 1)


def _braces(values: pa.Array, brace: str) -> np.ndarray:
    """How often each message has it: int64[n]. Arrow's own count takes several times as long."""
    _, offsets, content = values.buffers()
    if not len(values) or content is None:
        return np.zeros(len(values), np.int64)
    bounds = np.frombuffer(offsets, np.int32)[values.offset : values.offset + len(values) + 1]
    letters = np.frombuffer(content, np.uint8)[bounds[0] : bounds[-1]]
    places = np.flatnonzero(letters == ord(brace)) + bounds[0]
    return np.bincount(np.searchsorted(bounds[1:], places, side="right"), minlength=len(values))


def _read(values: pa.Array, places: np.ndarray, numbers: np.ndarray) -> None:
    """Read the messages at these places into ``numbers``, float64 [columns, n]; NaN stays where one fails."""
    if not len(places):
        return
    gap_free = places[-1] - places[0] == len(places) - 1
    some = values.slice(places[0], len(places)) if gap_free else values.take(pa.array(places))
    try:
        table = _table(some)
    except pa.ArrowInvalid as problem:
        if len(places) > 1:
            blamed = _blamed(str(problem), len(places))
            for part in (places[:blamed], places[blamed : blamed + 1], places[blamed + 1 :]):
                _read(values, part, numbers)
        return
    where = slice(places[0], places[-1] + 1) if gap_free else places
    for row, name in enumerate(COLUMNS):
        numbers[row, where] = table.column(name).to_numpy()


def _blamed(problem: str, messages: int) -> int:
    """Which message the reader's error names; where it names none, the one in the middle.

    >>> _blamed("JSON parse error: Invalid value. in row 3", 8), _blamed("no row", 8)
    (3, 4)
    """
    named = ROW.search(problem)
    return int(named[1]) if named and int(named[1]) < messages else messages // 2


def _table(messages: pa.Array) -> pa.Table:
    """The objects of messages, a row each. Null is NaN to numpy.

    Raises:
        ArrowInvalid: one of them is no such object.
    """
    lines = pc.binary_join(pa.ListArray.from_arrays([0, len(messages)], messages), b"\n")[0].as_buffer()
    reading = json.ReadOptions(use_threads=False, block_size=lines.size + 1)
    table = json.read_json(pa.BufferReader(lines), reading, AS_NUMBERS)
    if table.num_rows != len(messages):
        raise pa.ArrowInvalid(f"{table.num_rows} objects in {len(messages)} messages")
    return table


def _events(numbers: np.ndarray) -> np.ndarray:
    """Which columns of ``numbers`` are events: bool[n]. All are finite, and the id is a whole number."""
    ids = numbers[0]
    with np.errstate(invalid="ignore"):
        whole = (ids >= 0) & (ids <= LARGEST_ID) & (np.floor(ids) == ids)
    return whole & np.isfinite(numbers).all(axis=0)

"""Two numbers in, their sum and their quotient out: the example of docs/workloads.md, and tests use it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from pydantic_settings import BaseSettings, SettingsConfigDict

from include.settings import Settings
from include.streaming.decoding import SOURCE_ERROR, Decoded, Unreadable, decoded, read_each
from include.streaming.results import ARRIVED_AT, MODEL_VERSION, POSITION, Results
from include.streaming.samples import Samples
from include.streaming.scorer_choices import InProcess, Output
from include.streaming.sink_choices import ToKafka, ToPostgres
from include.streaming.workload import Limits, Workload


class NumbersSettings(BaseSettings):
    """Read from ``TWEETSIEVE_NUMBERS_<FIELD>``."""

    model_config = SettingsConfigDict(env_prefix="TWEETSIEVE_NUMBERS_")

    topic: str = "numbers_in"
    results_topic: str = "numbers_out"
    offset: float = 0.0


class Pair(msgspec.Struct):
    """A message's JSON."""

    a: float
    b: float


PAIRS = msgspec.json.Decoder(Pair)


def read_pair(raw: bytes) -> Pair:
    """JSON such as ``{"a": 1, "b": 2.5}``."""
    if raw.startswith(b"error: "):
        raise Unreadable(SOURCE_ERROR)
    try:
        return PAIRS.decode(raw)
    except msgspec.MsgspecError as problem:
        raise Unreadable("not two numbers") from problem


def decode(values: pa.Array) -> Decoded:
    """The inputs ``a`` and ``b``."""
    rows, pairs, refused = read_each(values, read_pair)
    columns = {name: pa.array([getattr(pair, name) for pair in pairs], pa.float64()) for name in ("a", "b")}
    return decoded(rows, columns, refused)


def arithmetic(offset: float) -> Callable[[pa.RecordBatch], Mapping[str, Any]]:
    """The model. A division by zero makes it fail, and its message a dead letter."""

    def answer(inputs: pa.RecordBatch) -> Mapping[str, Any]:
        a, b = inputs.column("a"), inputs.column("b")
        if pc.any(pc.equal(b, 0)).as_py():
            raise ZeroDivisionError("b is 0")
        return {"sum": pc.add(pc.add(a, b), offset), "quotient": pc.divide(a, b)}

    return answer


def count_large(rows: pa.RecordBatch) -> Mapping[str, int]:
    """How many sums are above 100."""
    return {"large": pc.sum(pc.greater(rows.column("sum"), 100)).as_py() or 0}


def source_error(raw: bytes) -> str | None:
    """A source that can't go on sends ``error: <what>``."""
    return raw.decode(errors="replace") if raw.startswith(b"error: ") else None


def samples() -> Samples:
    """What the drill sends."""
    return Samples(
        valid=lambda number: b'{"a": %d, "b": 2}' % number,
        malformed=lambda number: b'{"a": %d' % number,
        key=lambda number: b"%d" % number,
        source_error=lambda text: f"error: {text}".encode(),
        checks={
            "wrong_sums": "SELECT count(*) FROM numbers WHERE sum <> a + b",
            "wrong_total": "SELECT (SELECT count(*) FROM numbers) - (SELECT rows FROM numbers_total)",
        },
    )


def topics(settings: Settings) -> tuple[str, ...]:
    return (NumbersSettings().topic,)


SCHEMA = pa.schema(
    [
        *POSITION,
        pa.field("a", pa.float64()),
        pa.field("b", pa.float64()),
        pa.field("sum", pa.float64()),
        pa.field("quotient", pa.float64()),
        pa.field(MODEL_VERSION, pa.string()),
        ARRIVED_AT,
    ]
)

DDL = """
CREATE TABLE IF NOT EXISTS numbers_total (
    one boolean PRIMARY KEY DEFAULT true, rows bigint NOT NULL, sum double precision NOT NULL
);
CREATE TABLE IF NOT EXISTS numbers (
    topic text, kafka_partition integer, kafka_offset bigint, a double precision NOT NULL,
    b double precision NOT NULL, sum double precision NOT NULL, quotient double precision NOT NULL,
    model_version text NOT NULL, arrived_at timestamptz,
    PRIMARY KEY (topic, kafka_partition, kafka_offset)
);
"""

ADD_TO_TOTAL = """
INSERT INTO numbers_total AS known (rows, sum) SELECT count(*), sum(sum) FROM {new} AS new
ON CONFLICT (one) DO UPDATE SET rows = known.rows + EXCLUDED.rows, sum = known.sum + EXCLUDED.sum
"""

WORKLOAD = Workload(
    "numbers",
    topics=topics,
    decode=decode,
    scorers={
        "arithmetic": InProcess(
            "include.workloads.numbers.workload:arithmetic",
            outputs=(Output("sum"), Output("quotient")),
            probe={"a": 1.0, "b": 2.0},
            version="1",
            options=lambda settings: {"offset": NumbersSettings().offset},
        )
    },
    results=Results(SCHEMA, "numbers", DDL, after=(ADD_TO_TOTAL,), count=count_large),
    sinks=(ToPostgres(), ToKafka(lambda settings: NumbersSettings().results_topic)),
    limits=Limits(dead_letter_rate=0.5),
    source_error=source_error,
    samples=samples,
    settings=NumbersSettings,
)

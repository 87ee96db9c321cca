"""What the cards cost the stream: its own steps on one batch after another, with the cards and without.

python -m tests.benchmarks.repost_cost [POSTS] [BATCHES]

Starts a database of its own. The posts are the synthetic source's, as the stream reads them; a post with an
AI keyword gets a high probability, another one a low one, as a trained model gives them. Prints the seconds
of each step, and the cards' share of decoding, staging and commit together (scoring is left out: with it,
the share is smaller).
"""

from __future__ import annotations

import dataclasses
import itertools
import random
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import pyarrow as pa

from include.console.arguments import CommandParser, whole_number
from include.console.command import command
from include.infra.postgres.connection import connect, conninfo
from include.settings import Settings
from include.sources.synthetic.source import SyntheticSource
from include.streaming.engine.messages import MESSAGES
from include.streaming.engine.rows import result_rows
from include.streaming.results import Results
from include.streaming.scorers.base import Scores
from include.streaming.sinks.results_table import add_rows
from include.streaming.sinks.staging import StagingTables
from include.workloads.ai_tweets.decoder import decode
from include.workloads.ai_tweets.results import RESULTS
from include.workloads.ai_tweets.statements import COUNT_LINKS
from tests.benchmarks.own_database import own_database

CARDS = ("card", "twin", "card_link", "card_domain")
WITHOUT = dataclasses.replace(
    RESULTS,
    schema=pa.schema([field for field in RESULTS.schema if field.name not in CARDS]),
    staged_only=RESULTS.staged_only - set(CARDS),
    derive=None,
    after=(COUNT_LINKS,),
)
"""The results without cards."""


def batches(settings: Settings, posts: int, count: int) -> list[tuple[pa.RecordBatch, list[float]]]:
    """Batches of messages with their probabilities."""
    rng, made, offset = random.Random(1), [], itertools.count()
    source = SyntheticSource(settings, posts=None).posts()
    for _ in range(count):
        part = list(itertools.islice(source, posts))
        columns = [
            [one.topic for one in part], [0] * posts, [next(offset) for _ in part],
            [datetime.now(UTC)] * posts, [one.key for one in part], [one.value for one in part],
        ]  # fmt: skip
        arrays = [pa.array(column, field.type) for column, field in zip(columns, MESSAGES, strict=True)]
        chances = [
            rng.uniform(0.6, 1) if one.topic == settings.ai_topic else rng.uniform(0, 0.2) for one in part
        ]
        made.append((pa.record_batch(arrays, schema=MESSAGES), chances))
    return made


def run(settings: Settings, results: Results, messages: pa.RecordBatch, chances: list[float]) -> list[float]:
    """Seconds of decoding, staging and commit of one batch."""
    times = [time.perf_counter()]
    decoded = decode(messages.column("value"))
    probabilities = pa.array(chances, pa.float64()).take(decoded.rows)
    scores = Scores.of({"probability": probabilities}, "1", len(decoded.rows))
    rows = result_rows(messages, decoded, scores, results)
    times.append(time.perf_counter())
    stage = StagingTables.fresh(conninfo(settings), "cost", "t", {"rows": results.schema})
    with connect(settings) as connection:
        stage.create(connection)
        connection.commit()
        with stage.writer(1) as writer:
            writer.write(rows, rows.slice(0, 0))
        times.append(time.perf_counter())
        connection.execute("SET LOCAL jit = off")
        add_rows(connection, results, stage.table("rows"), [1])
        stage.drop(connection)
    times.append(time.perf_counter())
    return [after - before for before, after in itertools.pairwise(times)]


def measured(settings: Settings, posts: int, count: int) -> None:
    sums: dict[str, list[float]] = {"without": [0.0] * 3, "with": [0.0] * 3}
    made = batches(settings, posts, count)
    with connect(settings, autocommit=True) as connection:
        for number, (messages, chances) in enumerate(made):
            for name, results in (("without", WITHOUT), ("with", RESULTS)):
                took = run(settings, results, messages, chances)
                if number:  # the first one of each is for warming up
                    sums[name] = [sum(pair) for pair in zip(sums[name], took, strict=True)]
                connection.execute("TRUNCATE ai_tweets")  # the same positions come again
                connection.execute("VACUUM ANALYZE links, repost_card")
        (cards,) = connection.execute("SELECT count(*) FROM repost_card").fetchone() or (0,)
    print(f"{posts:,} posts a batch, {count - 1} batches, {cards:,} cards; seconds")
    for name, (decoding, staging, commit) in sums.items():
        print(f"{name:8} decode {decoding:6.2f}  stage {staging:6.2f}  commit {commit:6.2f}")
    share = sum(sums["with"]) / sum(sums["without"]) - 1
    print(f"the cards add {share:.1%}; to the commit alone {sums['with'][2] / sums['without'][2] - 1:.1%}")


@command
def main(argv: Sequence[str] | None = None) -> int:
    parser = CommandParser("tests.benchmarks.repost_cost", __doc__)
    add = parser.add_argument
    add("posts", type=whole_number(100), nargs="?", default=20_000, help="of a batch; 20,000 by default")
    add("batches", type=whole_number(2), nargs="?", default=9, help="9 by default")
    given = parser.parse_args(argv)
    with own_database() as settings:
        measured(settings, given.posts, given.batches)
    return 0


if __name__ == "__main__":
    sys.exit(main())

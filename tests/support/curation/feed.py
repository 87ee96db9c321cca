"""Posts that go the stream's way into the database: decoded, given a probability, staged, added."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pyarrow as pa

from include.infra.postgres.connection import connect, conninfo
from include.settings import Settings
from include.streaming.engine.messages import MESSAGES
from include.streaming.engine.rows import result_rows
from include.streaming.scorers.base import Scores
from include.streaming.sinks.results_table import add_rows
from include.streaming.sinks.staging import StagingTables
from include.workloads.ai_tweets.decoder import decode
from include.workloads.ai_tweets.results import RESULTS

TOPIC = "curation_test"
_offsets = itertools.count()


def payload(
    number: int, text: str, *links: str, lang: str | None = "en", age: timedelta = timedelta(), **more: Any
) -> dict[str, Any]:
    """A post as X API v2 sends it, written some time ago, whose t.co links stand for these."""
    shorts = [f"https://t.co/{number:06d}{place:04d}" for place in range(len(links))]
    urls = [{"url": short, "expanded_url": link} for short, link in zip(shorts, links, strict=True)]
    written = (datetime.now(UTC) - age).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    data = {
        "id": str(number), "text": " ".join([text, *shorts]), "created_at": written,
        "edit_history_tweet_ids": [str(number)], "entities": {"urls": urls}, "author_id": "7", **more,
    }  # fmt: skip
    return {"data": data | ({"lang": lang} if lang else {})}


def stream(settings: Settings, posts: Sequence[tuple[dict[str, Any], float]], model_version: int = 1) -> None:
    """Add a batch of posts with their probabilities, as the stream's role."""
    as_stream = settings.as_role("stream")
    now = datetime.now(UTC)
    messages = pa.RecordBatch.from_pylist(
        [
            {
                "topic": TOPIC, "partition": 0, "offset": next(_offsets), "timestamp": now, "key": None,
                "value": orjson.dumps(post),
            }
            for post, _ in posts
        ],
        schema=MESSAGES,
    )  # fmt: skip
    decoded = decode(messages.column("value"))
    assert not decoded.refused, decoded.refused
    chances = pa.array([chance for _, chance in posts], pa.float64())
    scores = Scores.of({"probability": chances}, str(model_version), len(posts))
    rows = result_rows(messages, decoded, scores, RESULTS)
    stage = StagingTables.fresh(conninfo(as_stream), "curation_test", "t", {"rows": RESULTS.schema})
    with connect(as_stream) as connection:
        stage.create(connection)
        connection.commit()
        with stage.writer(1) as writer:
            writer.write(rows, rows.slice(0, 0))
        assert add_rows(connection, RESULTS, stage.table("rows"), [1]) == len(posts)
        stage.drop(connection)

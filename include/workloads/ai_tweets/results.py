"""The rows of ``ai_tweets``: classified posts. The table is one of the shared ones."""

from __future__ import annotations

import pyarrow as pa

from include.schema.post_weeks import make_weeks
from include.streaming.results import ARRIVED_AT, MODEL_VERSION, POSITION, Results
from include.workloads.ai_tweets.cards import cards
from include.workloads.ai_tweets.statements import BETTER_CARDS, COUNT_LINKS, KEEP_CARDS

SCHEMA = pa.schema(
    [
        *POSITION,
        pa.field("id", pa.string()),
        pa.field("created_at", pa.timestamp("us", "UTC")),
        pa.field("lang", pa.string()),
        pa.field("text", pa.string()),
        pa.field("links", pa.list_(pa.string())),
        pa.field("domains", pa.list_(pa.string())),
        pa.field("hashtags", pa.list_(pa.string())),
        pa.field("probability", pa.float64()),
        pa.field(MODEL_VERSION, pa.int32()),
        ARRIVED_AT,
        pa.field("author", pa.string()),
        pa.field("repeats", pa.string()),
        pa.field("card", pa.string()),
        pa.field("twin", pa.string()),
        pa.field("card_link", pa.string()),
        pa.field("card_domain", pa.string()),
    ]
)

STAGED_ONLY = frozenset({"domains", "card", "twin", "card_link", "card_domain"})

RESULTS = Results(
    SCHEMA,
    "ai_tweets",
    prepare=make_weeks,
    staged_only=STAGED_ONLY,
    derive=cards,
    after=(COUNT_LINKS, KEEP_CARDS, BETTER_CARDS),
)

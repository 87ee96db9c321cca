"""The rows of ``sentiment``, and the queue of those that a person is to see."""

from __future__ import annotations

import pyarrow as pa

from include.streaming.results import ARRIVED_AT, MESSAGE_KEY, MODEL_VERSION, POSITION, Results
from include.workloads.sentiment.models.versions import OUTPUTS

SCHEMA = pa.schema(
    [
        *POSITION,
        MESSAGE_KEY,
        pa.field("text", pa.string(), nullable=False),
        *(pa.field(name, pa.float64(), nullable=False) for name in OUTPUTS),
        pa.field(MODEL_VERSION, pa.string(), nullable=False),
        ARRIVED_AT,
    ]
)

DDL = """
CREATE TABLE IF NOT EXISTS sentiment (
    topic text, kafka_partition integer, kafka_offset bigint, message_key bytea, text text NOT NULL,
    compound double precision NOT NULL CHECK (compound BETWEEN -1 AND 1),
    neg double precision NOT NULL, neu double precision NOT NULL, pos double precision NOT NULL,
    model_version text NOT NULL, arrived_at timestamptz NOT NULL,
    PRIMARY KEY (topic, kafka_partition, kafka_offset)
);
CREATE INDEX IF NOT EXISTS sentiment_arrived_idx ON sentiment (arrived_at);

CREATE TABLE IF NOT EXISTS sentiment_case (
    topic text, kafka_partition integer, kafka_offset bigint, arrived_at timestamptz NOT NULL,
    compound double precision NOT NULL, neg double precision NOT NULL,
    taken_by text, lease_id uuid UNIQUE, taken_at timestamptz, taken_until timestamptz,
    answered_at timestamptz,
    PRIMARY KEY (topic, kafka_partition, kafka_offset),
    FOREIGN KEY (topic, kafka_partition, kafka_offset) REFERENCES sentiment ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS sentiment_case_open_idx
    ON sentiment_case (arrived_at, topic, kafka_partition, kafka_offset) WHERE answered_at IS NULL;
CREATE INDEX IF NOT EXISTS sentiment_case_taken_idx ON sentiment_case (taken_by) WHERE taken_by IS NOT NULL;
COMMENT ON TABLE sentiment_case IS 'Emotional messages; a lease is a person''s turn at one.';

CREATE TABLE IF NOT EXISTS sentiment_case_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL, kafka_partition integer NOT NULL, kafka_offset bigint NOT NULL,
    person text NOT NULL, action text NOT NULL CHECK (action IN ('take', 'answer', 'release')),
    lease_id uuid NOT NULL, answer text, rating smallint CHECK (rating BETWEEN -4 AND 4),
    at timestamptz NOT NULL DEFAULT now(),
    CHECK (action = 'answer' OR (answer IS NULL AND rating IS NULL))
);
CREATE UNIQUE INDEX IF NOT EXISTS sentiment_case_event_end_idx ON sentiment_case_event (lease_id)
    WHERE action <> 'take';
CREATE OR REPLACE TRIGGER sentiment_case_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON sentiment_case_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE sentiment_case_event ENABLE ALWAYS TRIGGER sentiment_case_event_append_only;
"""

OPEN_CASES = """
INSERT INTO sentiment_case (topic, kafka_partition, kafka_offset, arrived_at, compound, neg)
SELECT topic, kafka_partition, kafka_offset, arrived_at, compound, neg
FROM {new} AS s WHERE abs(compound) >= 0.5 OR neg >= 0.3
"""
"""The least that the thresholds can be set to, so that they may change at any time: see the settings'
LEAST_COMPOUND and LEAST_NEG."""

RESULTS = Results(SCHEMA, "sentiment", DDL, after=(OPEN_CASES,))

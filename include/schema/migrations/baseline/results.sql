CREATE TABLE IF NOT EXISTS ai_tweets (
    topic           text        NOT NULL,
    kafka_partition integer     NOT NULL,
    kafka_offset    bigint      NOT NULL,
    id              text        NOT NULL,
    created_at      timestamptz,
    lang            text,
    text            text        NOT NULL,
    links           text[]      NOT NULL,
    hashtags        text[]      NOT NULL,
    probability     double precision NOT NULL CHECK (probability BETWEEN 0 AND 1),
    model_version   integer     NOT NULL,
    arrived_at      timestamptz NOT NULL,
    classified_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, kafka_partition, kafka_offset)
);
CREATE INDEX IF NOT EXISTS ai_tweets_arrived_at_idx ON ai_tweets (arrived_at);
DROP INDEX IF EXISTS ai_tweets_arrived_idx;
CREATE INDEX IF NOT EXISTS ai_tweets_probability_idx ON ai_tweets (probability)
    WHERE cardinality(links) > 0;

CREATE TABLE IF NOT EXISTS links (
    link       text PRIMARY KEY,
    domain     text        NOT NULL,
    first_seen timestamptz NOT NULL,
    last_seen  timestamptz NOT NULL,
    posts      bigint      NOT NULL
);

CREATE TABLE IF NOT EXISTS dead_letter (
    topic           text        NOT NULL,
    kafka_partition integer     NOT NULL,
    kafka_offset    bigint      NOT NULL,
    stage           text        NOT NULL,
    reason          text        NOT NULL,
    key             bytea,
    value           bytea,
    created_at      timestamptz NOT NULL DEFAULT now(),
    replayed_at     timestamptz,
    replayed_by     text,
    attempts        integer     NOT NULL DEFAULT 0,
    last_attempt_at timestamptz,
    last_reason     text,
    PRIMARY KEY (topic, kafka_partition, kafka_offset, stage)
);
-- For a table made before these columns; only where needed, as ALTER TABLE waits for the stream and blocks it.
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'dead_letter'::regclass AND attname = 'attempts')
    THEN
        ALTER TABLE dead_letter ADD COLUMN replayed_by text,
            ADD COLUMN attempts integer NOT NULL DEFAULT 0,
            ADD COLUMN last_attempt_at timestamptz, ADD COLUMN last_reason text;
    END IF;
END $$;
CREATE INDEX IF NOT EXISTS dead_letter_source_error_idx ON dead_letter (created_at)
    WHERE reason = 'source error';

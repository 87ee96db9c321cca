-- The shared tables of the last release that had no migrations, as it made them at every start.
CREATE TABLE IF NOT EXISTS collection (
    version       integer PRIMARY KEY CHECK (version >= 0),
    source        text        NOT NULL,
    parameters    jsonb       NOT NULL,
    fingerprint   text        NOT NULL,
    start_offsets jsonb       NOT NULL,
    end_offsets   jsonb       NOT NULL,
    posts         jsonb       NOT NULL,
    completed_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS label_event (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    text_hash    text        NOT NULL,
    post_id      text        NOT NULL,
    text         text        NOT NULL,
    version      integer,
    annotator    text        NOT NULL,
    action       text        NOT NULL
                 CHECK (action IN ('label', 'skip', 'flag', 'undo', 'import', 'adjudicate')),
    label        smallint    CHECK (label IN (0, 1)),
    undoes       bigint      UNIQUE REFERENCES label_event,
    lease_id     uuid        UNIQUE,
    queue        text        NOT NULL,
    shown        jsonb       NOT NULL DEFAULT '{}',
    milliseconds integer,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CHECK ((label IS NOT NULL) = (action IN ('label', 'import', 'adjudicate'))),
    CHECK ((undoes IS NOT NULL) = (action = 'undo'))
);
CREATE INDEX IF NOT EXISTS label_event_text_idx ON label_event (text_hash, annotator, id);
CREATE INDEX IF NOT EXISTS label_event_annotator_idx ON label_event (annotator, id);

CREATE TABLE IF NOT EXISTS labelling_lease (
    text_hash  text        NOT NULL,
    version    integer     NOT NULL,
    annotator  text        NOT NULL,
    lease_id   uuid        NOT NULL UNIQUE,
    queue      text        NOT NULL,
    leased_at  timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (text_hash)
);

-- Which texts a targeted queue holds, the most telling first. Written anew with the labels it comes of.
CREATE TABLE IF NOT EXISTS labelling_queue (
    version   integer NOT NULL,
    queue     text    NOT NULL,
    text_hash text    NOT NULL,
    priority  double precision NOT NULL,
    details   jsonb   NOT NULL DEFAULT '{}',
    PRIMARY KEY (version, queue, text_hash)
);
CREATE INDEX IF NOT EXISTS labelling_queue_order_idx
    ON labelling_queue (version, queue, priority DESC, text_hash);

CREATE OR REPLACE VIEW standing_event AS
SELECT e.* FROM label_event e
WHERE e.action <> 'undo' AND NOT EXISTS (SELECT FROM label_event u WHERE u.undoes = e.id);

-- Texts that people labelled differently, or flagged, and that nobody has decided yet.
CREATE OR REPLACE VIEW disputed_text AS
SELECT text_hash, max(id) AS last_event, count(DISTINCT label) > 1 AS differs
FROM standing_event GROUP BY text_hash
HAVING (count(DISTINCT label) > 1 OR bool_or(action = 'flag')) AND NOT bool_or(action = 'adjudicate');

-- A label stands until it is undone; the latest standing one of an annotator counts, and an
-- adjudicated one decides over all others.
CREATE OR REPLACE VIEW golden_label AS
WITH standing AS (
    SELECT DISTINCT ON (e.text_hash, e.annotator) e.*
    FROM label_event e
    WHERE e.label IS NOT NULL
      AND NOT EXISTS (SELECT FROM label_event u WHERE u.undoes = e.id)
    ORDER BY e.text_hash, e.annotator, e.id DESC
)
SELECT s.text_hash, s.post_id, s.text, s.annotator, s.label, s.action, s.queue, s.created_at,
       COALESCE(
           (array_agg(s.label) FILTER (WHERE s.action = 'adjudicate') OVER texts)[1],
           CASE WHEN avg(s.label) OVER texts > 0.5 THEN 1
                WHEN avg(s.label) OVER texts < 0.5 THEN 0 END
       )::smallint AS agreed_label
FROM standing s
WINDOW texts AS (PARTITION BY s.text_hash);

CREATE TABLE IF NOT EXISTS labelling_report (
    version    integer NOT NULL,
    j          integer NOT NULL,
    function   text    NOT NULL,
    polarity   text    NOT NULL,
    coverage   double precision NOT NULL,
    "overlaps" double precision NOT NULL,
    conflicts  double precision NOT NULL,
    weight     double precision,
    details    jsonb   NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (version, function)
);

-- Golden against weak labels (-1: none), with example posts; test posts are never among them.
CREATE TABLE IF NOT EXISTS labelling_bucket (
    version  integer  NOT NULL,
    golden   smallint NOT NULL,
    weak     smallint NOT NULL,
    posts    integer  NOT NULL,
    examples jsonb    NOT NULL,
    PRIMARY KEY (version, golden, weak)
);

-- Whose weak labels a version bears, and the candidates' scores on golden labels.
CREATE TABLE IF NOT EXISTS labelling_choice (
    version    integer PRIMARY KEY,
    method     text        NOT NULL,
    reason     text        NOT NULL,
    scores     jsonb       NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS model_version (
    model_version   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    model_name      text        NOT NULL,
    dataset_version integer     NOT NULL,
    path            text,
    metrics         jsonb,
    created_at      timestamptz NOT NULL DEFAULT now(),
    completed_at    timestamptz
);

CREATE TABLE IF NOT EXISTS promotion (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    model_name    text        NOT NULL,
    target        text        NOT NULL,
    action        text        NOT NULL CHECK (action IN ('promote', 'rollback')),
    from_version  integer,
    to_version    integer,
    outcome       text        NOT NULL
                  CHECK (outcome IN ('promoted', 'rolled_back', 'refused', 'rejected', 'failed')),
    reason        text        NOT NULL,
    approver      text,
    override      boolean     NOT NULL DEFAULT false,
    evidence      jsonb       NOT NULL,
    evidence_hash text        NOT NULL,
    started_at    timestamptz NOT NULL,
    finished_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS promotion_model_idx ON promotion (model_name, target, id);

-- What champion and candidate answered on the same rows, and what the gate made of it. A ledger row's
-- evidence_hash is that of the evidence that was approved, refused or rejected.
CREATE TABLE IF NOT EXISTS promotion_scoring (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    model_name    text        NOT NULL,
    model_version integer     NOT NULL,
    champion      integer,
    scoring       jsonb       NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS promotion_evidence (
    evidence_hash text PRIMARY KEY CHECK (evidence_hash ~ '^[0-9a-f]{64}$'),
    scoring_id    bigint      NOT NULL REFERENCES promotion_scoring,
    model_name    text        NOT NULL,
    model_version integer     NOT NULL,
    champion      integer,
    verdict       text        NOT NULL CHECK (verdict IN ('PASS', 'FAIL', 'INCONCLUSIVE')),
    evidence      jsonb       NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now()
);

-- Rollouts under way, and what came of those before: a worker's notes, not evidence; that is in `promotion`.
CREATE TABLE IF NOT EXISTS rollout (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    model_name   text        NOT NULL,
    target       text        NOT NULL,
    run_key      text        NOT NULL,
    approved     jsonb       NOT NULL,
    from_version integer,
    to_version   integer     NOT NULL,
    step         text        NOT NULL
                 CHECK (step IN ('publishing', 'loading', 'canary', 'serving', 'undoing', 'ended')),
    patience     double precision NOT NULL,
    probes       json        NOT NULL, -- not jsonb: odd texts hold NUL
    evidence     jsonb       NOT NULL DEFAULT '{}',
    outcome      text,
    started_at   timestamptz NOT NULL DEFAULT now(),
    step_since   timestamptz NOT NULL DEFAULT now(),
    beat_at      timestamptz NOT NULL DEFAULT now(),
    finished_at  timestamptz
);
CREATE UNIQUE INDEX IF NOT EXISTS rollout_open_idx ON rollout (model_name, target) WHERE step <> 'ended';

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
-- For a table made before these columns; asked first, as ALTER TABLE would stand in the stream's way.
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

CREATE TABLE IF NOT EXISTS stream_commit (
    id           bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    workload     text        NOT NULL,
    query_id     text        NOT NULL,
    batch_id     bigint      NOT NULL,
    end_offsets  jsonb       NOT NULL,
    posts        bigint      NOT NULL,
    dead_letters bigint      NOT NULL,
    committed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workload, query_id, batch_id)
);

CREATE TABLE IF NOT EXISTS stream_progress (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workload     text        NOT NULL,
    query_id     text        NOT NULL,
    run_id       text        NOT NULL,
    batch_id     bigint      NOT NULL,
    posts        bigint      NOT NULL,
    input_rate   double precision,
    process_rate double precision,
    lag          bigint,
    durations_ms jsonb       NOT NULL DEFAULT '{}',
    status       text        NOT NULL DEFAULT 'running',
    details      jsonb       NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS stream_progress_latest_idx ON stream_progress (workload, id DESC);
CREATE INDEX IF NOT EXISTS stream_progress_batch_idx ON stream_progress (workload, id DESC) WHERE posts > 0;
CREATE INDEX IF NOT EXISTS stream_commit_time_idx ON stream_commit (workload, committed_at);

CREATE TABLE IF NOT EXISTS stream_lease (
    workload   text PRIMARY KEY,
    holder     text        NOT NULL,
    expires_at timestamptz NOT NULL
);

-- Whether a workload is to run: the stream sets it as it starts, a drain takes it back.
CREATE TABLE IF NOT EXISTS stream_wanted (
    workload   text PRIMARY KEY,
    running    boolean     NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    watched_by text,
    watched_at timestamptz
);

CREATE TABLE IF NOT EXISTS stream_restart (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workload text        NOT NULL,
    reason   text        NOT NULL,
    at       timestamptz NOT NULL DEFAULT now()
);

-- Troubles, each from its first sight to its end, with the channels that were told of both.
CREATE TABLE IF NOT EXISTS stream_incident (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workload       text        NOT NULL,
    kind           text        NOT NULL,
    subject        text        NOT NULL DEFAULT '',
    message        text        NOT NULL,
    opened_at      timestamptz NOT NULL DEFAULT now(),
    seen_at        timestamptz NOT NULL DEFAULT now(),
    closed_at      timestamptz,
    told           text[]      NOT NULL DEFAULT '{}',
    told_recovered text[]      NOT NULL DEFAULT '{}'
);
CREATE UNIQUE INDEX IF NOT EXISTS stream_incident_open_idx ON stream_incident (workload, kind, subject)
    WHERE closed_at IS NULL;

CREATE TABLE IF NOT EXISTS stream_monitor (
    workload   text PRIMARY KEY,
    checked_at timestamptz NOT NULL
);

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME;
END $$;
CREATE OR REPLACE TRIGGER label_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON label_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER promotion_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON promotion FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER promotion_scoring_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON promotion_scoring FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER promotion_evidence_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON promotion_evidence FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A ledger from before a person's answer was asked for.
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM information_schema.columns WHERE table_schema = current_schema()
                   AND table_name = 'promotion' AND column_name = 'override') THEN
        ALTER TABLE promotion ADD COLUMN override boolean NOT NULL DEFAULT false,
            DROP CONSTRAINT promotion_outcome_check,
            ADD CONSTRAINT promotion_outcome_check
                CHECK (outcome IN ('promoted', 'rolled_back', 'refused', 'rejected', 'failed'));
    END IF;
END $$;

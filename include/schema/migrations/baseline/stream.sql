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

-- Incidents, each from when it was first seen to its end, with the channels that were notified of both.
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

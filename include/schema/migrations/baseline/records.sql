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

CREATE TABLE IF NOT EXISTS model_version (
    model_version   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    model_name      text        NOT NULL,
    dataset_version integer     NOT NULL,
    path            text,
    metrics         jsonb,
    created_at      timestamptz NOT NULL DEFAULT now(),
    completed_at    timestamptz
);

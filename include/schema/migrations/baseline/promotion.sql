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

-- What champion and candidate answered on the same rows, and the gate's verdict on it. A ledger row's
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

-- Rollouts under way and earlier ones: a worker's notes. The evidence is in `promotion`.
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
    probes       json        NOT NULL, -- not jsonb: edge-case texts hold NUL
    evidence     jsonb       NOT NULL DEFAULT '{}',
    outcome      text,
    started_at   timestamptz NOT NULL DEFAULT now(),
    step_since   timestamptz NOT NULL DEFAULT now(),
    beat_at      timestamptz NOT NULL DEFAULT now(),
    finished_at  timestamptz
);
CREATE UNIQUE INDEX IF NOT EXISTS rollout_open_idx ON rollout (model_name, target) WHERE step <> 'ended';

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

"""Evidence for giving one scorer all the traffic; see docs/decisions/0045-all-traffic-needs-evidence.md.

A change of shares names the evidence that it rests on, or that it was made without.
"""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE share_evidence (
            id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            workload    text        NOT NULL,
            scorer      text        NOT NULL,
            passed      boolean     NOT NULL,
            findings    jsonb       NOT NULL,
            measured    jsonb       NOT NULL,
            gathered_at timestamptz NOT NULL DEFAULT now()
        );
        COMMENT ON TABLE share_evidence IS 'What was measured before a scorer may get all messages.';
        CREATE INDEX share_evidence_latest_idx ON share_evidence (workload, scorer, id DESC);
        CREATE TRIGGER share_evidence_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
            ON share_evidence FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
        ALTER TABLE share_evidence ENABLE ALWAYS TRIGGER share_evidence_append_only;

        ALTER TABLE traffic_share ADD COLUMN evidence_id bigint REFERENCES share_evidence,
            ADD COLUMN forced boolean NOT NULL DEFAULT false;
        COMMENT ON COLUMN traffic_share.forced IS 'All messages went to one scorer without evidence for it.';
    """)

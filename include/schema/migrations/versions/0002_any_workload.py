"""Several workloads on one engine: dead letters by workload, topic ids, counts, traffic shares."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE stream_commit ADD COLUMN topic_ids jsonb NOT NULL DEFAULT '{}',
            ADD COLUMN counts jsonb NOT NULL DEFAULT '{}';

        ALTER TABLE dead_letter ADD COLUMN workload text;
        UPDATE dead_letter
        SET workload = CASE stage WHEN 'collect' THEN 'collect_tweets' ELSE 'ai_tweets' END;
        DELETE FROM dead_letter d USING dead_letter o
        WHERE (d.workload, d.topic, d.kafka_partition, d.kafka_offset)
            = (o.workload, o.topic, o.kafka_partition, o.kafka_offset)
          AND (d.created_at, d.stage) > (o.created_at, o.stage);
        ALTER TABLE dead_letter ALTER COLUMN workload SET NOT NULL, DROP CONSTRAINT dead_letter_pkey,
            ADD PRIMARY KEY (workload, topic, kafka_partition, kafka_offset);

        CREATE TABLE traffic_share (
            id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            workload   text        NOT NULL,
            shares     jsonb       NOT NULL,
            changed_by text        NOT NULL,
            reason     text        NOT NULL,
            changed_at timestamptz NOT NULL DEFAULT now()
        );
        CREATE INDEX traffic_share_latest_idx ON traffic_share (workload, id DESC);
        CREATE TRIGGER traffic_share_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
            ON traffic_share FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
    """)

"""Messages that Kafka's retention deleted before a workload read them."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE stream_loss (
            id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            workload        text        NOT NULL,
            topic           text        NOT NULL,
            kafka_partition integer     NOT NULL,
            first_offset    bigint      NOT NULL,
            end_offset      bigint      NOT NULL CHECK (end_offset > first_offset),
            noticed_at      timestamptz NOT NULL DEFAULT now()
        );
        COMMENT ON TABLE stream_loss IS 'Messages that Kafka deleted before they were read.';
        COMMENT ON COLUMN stream_loss.first_offset IS 'The first lost position.';
        COMMENT ON COLUMN stream_loss.end_offset IS 'The first position that is not lost.';
        CREATE INDEX ON stream_loss (workload, noticed_at)
    """)

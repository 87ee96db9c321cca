"""Errors that the sources of messages report, by text, with the batch's commit: the monitor alerts them.

See docs/decisions/0054-errors-of-sources-travel-with-the-commit.md.
"""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE stream_commit ADD COLUMN reports jsonb NOT NULL DEFAULT '{}';
        COMMENT ON COLUMN stream_commit.reports IS
            'Messages by the error that their source reports in them; the monitor alerts each.';
        CREATE INDEX stream_commit_reports_idx ON stream_commit (workload, committed_at)
            WHERE reports <> '{}';
    """)

"""The scorer that a workload's stream uses from its next start on; NULL: the one of the settings."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("ALTER TABLE stream_wanted ADD COLUMN scorer text")

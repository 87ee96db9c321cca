"""The shared tables as the last release without revisions made them.

That release ran these statements at every start, so they change nothing in a database that it made, and
bring one of an earlier release up to date.
"""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None

FOLDER = Path(__file__).parent.parent / "baseline"
FILES = ("records", "labels", "promotion", "results", "stream", "append_only")
"""Order matters: triggers come after their tables."""


def upgrade() -> None:
    for name in FILES:
        op.execute((FOLDER / f"{name}.sql").read_text(encoding="utf-8"))

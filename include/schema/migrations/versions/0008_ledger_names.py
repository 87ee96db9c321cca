"""The ledger's functions read the ledger whatever a session calls so.

A role that may add rows but not change them could make a temporary table of the ledger's name, which comes
first in its search path, and chain its row to one of its own making. See
docs/decisions/0041-each-program-has-a-role-of-its-own.md.
"""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute("""
        DO $$ BEGIN
            EXECUTE format('ALTER FUNCTION chain_promotion() SET search_path = pg_catalog, %I, pg_temp',
                           current_schema());
        END $$
    """)

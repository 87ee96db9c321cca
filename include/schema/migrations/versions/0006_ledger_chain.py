"""Each row of the promotion ledger holds the hash of the one before it; replication can't silence its guards.

The rows that are there are chained as they stand. See docs/decisions/0038-the-ledger-is-a-chain.md.
"""

from alembic import op

revision = "0006"
down_revision = "0005"

APPEND_ONLY = ("label_event", "promotion", "promotion_scoring", "promotion_evidence", "traffic_share")


def upgrade() -> None:
    op.execute("""
        ALTER TABLE promotion ADD COLUMN previous_hash text, ADD COLUMN entry_hash text;

        -- Times as seconds: their text would depend on a session's time zone.
        CREATE FUNCTION promotion_entry_hash(entry promotion) RETURNS text LANGUAGE sql STABLE AS $$
            SELECT encode(sha256(convert_to(jsonb_build_array(
                entry.id, entry.model_name, entry.target, entry.action, entry.from_version, entry.to_version,
                entry.outcome, entry.reason, entry.approver, entry.override, entry.evidence,
                entry.evidence_hash, extract(epoch FROM entry.started_at),
                extract(epoch FROM entry.finished_at), entry.previous_hash
            )::text, 'UTF8')), 'hex')
        $$;

        -- The number is given once the lock is held: rows are chained in the order of their numbers.
        CREATE FUNCTION chain_promotion() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            last_id bigint;
        BEGIN
            PERFORM pg_advisory_xact_lock(hashtextextended('promotion ledger', 0));
            SELECT id, entry_hash INTO last_id, NEW.previous_hash FROM promotion ORDER BY id DESC LIMIT 1;
            NEW.id := coalesce(last_id, 0) + 1;
            NEW.entry_hash := promotion_entry_hash(NEW);
            RETURN NEW;
        END $$;

        ALTER TABLE promotion DISABLE TRIGGER promotion_append_only;
        DO $$
        DECLARE
            entry promotion;
            before text;
        BEGIN
            FOR entry IN SELECT * FROM promotion ORDER BY id LOOP
                entry.previous_hash := before;
                before := promotion_entry_hash(entry);
                UPDATE promotion SET previous_hash = entry.previous_hash, entry_hash = before
                WHERE id = entry.id;
            END LOOP;
        END $$;
        ALTER TABLE promotion ALTER COLUMN entry_hash SET NOT NULL;
        CREATE TRIGGER promotion_chain BEFORE INSERT ON promotion
            FOR EACH ROW EXECUTE FUNCTION chain_promotion();
        ALTER TABLE promotion ENABLE ALWAYS TRIGGER promotion_chain;
    """)
    for table in APPEND_ONLY:
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only")

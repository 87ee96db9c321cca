"""Tables whose rows stay as they are: people's labels, and the proof of the promotions."""

from __future__ import annotations

APPEND_ONLY = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME;
END $$;
CREATE OR REPLACE TRIGGER label_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON label_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER promotion_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON promotion FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER promotion_scoring_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON promotion_scoring FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER promotion_evidence_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON promotion_evidence FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
"""They refuse UPDATE, DELETE and TRUNCATE."""

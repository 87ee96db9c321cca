"""Imports of golden labels as wholes: who brought each file, and which events are of it.

Events of before name nobody and belong to no import. An adjudication now counts before every other label of
the same person, whatever came later: imports under an adjudicator's name had replaced some. See
docs/decisions/0036-an-import-is-in-the-name-of-who-brings-it.md.
"""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE label_import (
            id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            version     integer     NOT NULL,
            file        text        NOT NULL,
            imported_by text        NOT NULL,
            created_at  timestamptz NOT NULL DEFAULT now()
        );
        COMMENT ON TABLE label_import IS 'Imports of golden labels; their labels are events with the id.';
        CREATE TRIGGER label_import_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
            ON label_import FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
        ALTER TABLE label_import ENABLE ALWAYS TRIGGER label_import_append_only;

        ALTER TABLE label_event ADD COLUMN import_id bigint REFERENCES label_import,
            ADD COLUMN recorded_by text,
            ADD CHECK (import_id IS NULL OR (recorded_by IS NOT NULL AND action IN ('import', 'undo')));
        COMMENT ON COLUMN label_event.import_id IS 'The import that added the event, or that it undoes.';
        COMMENT ON COLUMN label_event.recorded_by IS
            'Who brought the file, or undid the import; NULL: the annotator.';
        CREATE INDEX label_event_import_idx ON label_event (import_id) WHERE import_id IS NOT NULL;

        CREATE OR REPLACE VIEW standing_event AS
        SELECT e.* FROM label_event e
        WHERE e.action <> 'undo' AND NOT EXISTS (SELECT FROM label_event u WHERE u.undoes = e.id);

        CREATE OR REPLACE VIEW golden_label AS
        WITH standing AS (
            SELECT DISTINCT ON (e.text_hash, e.annotator) e.*
            FROM standing_event e
            WHERE e.label IS NOT NULL
            ORDER BY e.text_hash, e.annotator, (e.action = 'adjudicate') DESC, e.id DESC
        )
        SELECT s.text_hash, s.post_id, s.text, s.annotator, s.label, s.action, s.queue, s.created_at,
               COALESCE(
                   (array_agg(s.label) FILTER (WHERE s.action = 'adjudicate') OVER texts)[1],
                   CASE WHEN avg(s.label) OVER texts > 0.5 THEN 1
                        WHEN avg(s.label) OVER texts < 0.5 THEN 0 END
               )::smallint AS agreed_label
        FROM standing s
        WINDOW texts AS (PARTITION BY s.text_hash);
    """)

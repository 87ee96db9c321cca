"""Labels of texts whose hash is another since all rules read plain letters: each stands under both hashes.

The events are append-only, and datasets that were built before keep the hash they have. See
docs/decisions/0025-one-text-for-all-rules.md.
"""

import sqlalchemy as sa
from alembic import op

from include.posts.text import text_hash

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    connection = op.get_bind()
    labelled = connection.execute(
        sa.text("SELECT DISTINCT text_hash, text FROM standing_event WHERE label IS NOT NULL")
    )
    for old, text in labelled.fetchall():
        if (new := text_hash(text)) != old:
            connection.execute(
                sa.text("""
                    INSERT INTO label_event
                        (text_hash, post_id, text, version, annotator, action, label, queue, shown)
                    SELECT :new, post_id, text, version, annotator,
                           CASE action WHEN 'adjudicate' THEN action ELSE 'import' END, label, 'import', shown
                    FROM standing_event e
                    WHERE text_hash = :old AND text = :text AND label IS NOT NULL
                      AND NOT EXISTS (SELECT FROM standing_event s
                                      WHERE s.text_hash = :new AND s.annotator = e.annotator
                                        AND s.label IS NOT NULL)
                    ORDER BY id
                """),
                {"new": new, "old": old, "text": text},
            )

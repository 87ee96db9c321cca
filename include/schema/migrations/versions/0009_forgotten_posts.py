"""Forgotten posts: tombstones without text, receipts, and the one change that a label may undergo.

A label's text, and nothing else of it, may become the marker ``[forgotten]``; by the function
``redact_labels`` alone, for whoever may call that. See docs/decisions/0044-a-label-outlives-its-text.md.
"""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE forgotten (
            kind     text        NOT NULL CHECK (kind IN ('post', 'author')),
            id       text        NOT NULL,
            reason   text        NOT NULL,
            asked_by text        NOT NULL,
            asked_at timestamptz NOT NULL DEFAULT now(),
            done_at  timestamptz,
            PRIMARY KEY (kind, id)
        );
        COMMENT ON TABLE forgotten IS 'Posts and accounts that must not come back. No text.';
        COMMENT ON COLUMN forgotten.done_at IS 'When every place had been swept; NULL: that goes on.';
        CREATE INDEX forgotten_open_idx ON forgotten (asked_at) WHERE done_at IS NULL;

        CREATE TABLE forgetting_receipt (
            id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            asked_by    text        NOT NULL,
            reason      text        NOT NULL,
            posts       bigint      NOT NULL,
            authors     bigint      NOT NULL,
            receipt     jsonb       NOT NULL,
            started_at  timestamptz NOT NULL,
            finished_at timestamptz NOT NULL DEFAULT now()
        );
        COMMENT ON TABLE forgetting_receipt IS 'What each run of forget_posts found and removed, by place.';

        CREATE TABLE forgotten_notice (
            topic           text    NOT NULL,
            topic_id        text    NOT NULL,
            kafka_partition integer NOT NULL,
            next_offset     bigint  NOT NULL,
            PRIMARY KEY (topic, topic_id, kafka_partition)
        );
        COMMENT ON TABLE forgotten_notice IS 'Up to where the sources'' deletion notices are taken.';

        ALTER TABLE ai_tweets ADD COLUMN author text, ADD COLUMN repeats text;
        COMMENT ON COLUMN ai_tweets.author IS 'The account''s id, where the source says it.';
        COMMENT ON COLUMN ai_tweets.repeats IS 'The id of the post that a repost repeats.';

        CREATE INDEX label_event_post_idx ON label_event (post_id);

        CREATE FUNCTION permit_redaction() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            redacted label_event := OLD;
        BEGIN
            redacted.text := '[forgotten]';
            IF NEW IS DISTINCT FROM redacted
               OR NOT has_function_privilege(session_user, 'redact_labels(text[])', 'EXECUTE') THEN
                RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME;
            END IF;
            RETURN NEW;
        END $$;
        CREATE FUNCTION redact_labels(ids text[]) RETURNS bigint
        LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
            WITH redacted AS (
                UPDATE label_event SET text = '[forgotten]'
                WHERE post_id = ANY (ids) AND text <> '[forgotten]' RETURNING id
            )
            SELECT count(*) FROM redacted
        $$;
        REVOKE ALL ON FUNCTION redact_labels(text[]) FROM PUBLIC;

        DROP TRIGGER label_event_append_only ON label_event;
        CREATE TRIGGER label_event_append_only BEFORE DELETE OR TRUNCATE
            ON label_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
        CREATE TRIGGER label_event_redaction BEFORE UPDATE
            ON label_event FOR EACH ROW EXECUTE FUNCTION permit_redaction();
        ALTER TABLE label_event ENABLE ALWAYS TRIGGER label_event_append_only,
            ENABLE ALWAYS TRIGGER label_event_redaction;
    """)

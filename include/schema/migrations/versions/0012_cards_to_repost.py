"""Cards to repost, one for each thing that posts share, and what curators did with them (append-only).

The stream's commit keeps the cards; a decision changes a card's state by the trigger of its event alone.
Links count posts about AI apart. See docs/decisions/0053-a-card-is-kept-by-the-streams-commit.md.
"""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute(r"""
        CREATE VIEW ai_threshold AS
        SELECT model_version, CAST(metrics ->> 'threshold' AS double precision) AS threshold
        FROM model_version WHERE metrics ->> 'threshold' IS NOT NULL;
        COMMENT ON VIEW ai_threshold IS 'From which probability on a model''s post is about AI.';

        ALTER TABLE links ADD COLUMN ai_posts bigint NOT NULL DEFAULT 0;
        COMMENT ON COLUMN links.ai_posts IS 'Those of the posts that their model held to be about AI.';
        UPDATE links SET ai_posts = counted.posts
        FROM (SELECT l.link, count(*) AS posts
              FROM ai_tweets p LEFT JOIN ai_threshold t USING (model_version),
                   unnest(p.links[1\:100]) AS l (link)
              WHERE p.probability >= coalesce(t.threshold, 0.5) GROUP BY l.link) AS counted
        WHERE links.link = counted.link;

        CREATE TABLE repost_card (
            card          uuid PRIMARY KEY,
            id            text        NOT NULL,
            author        text,
            repeats       text,
            text          text        NOT NULL,
            lang          text,
            link          text        NOT NULL,
            domain        text,
            twin          uuid        NOT NULL,
            origin        text        NOT NULL CHECK (origin IN ('live', 'dump', 'synthetic')),
            written_at    timestamptz,
            probability   double precision NOT NULL CHECK (probability > 0 AND probability <= 1),
            model_version integer     NOT NULL,
            first_seen    timestamptz NOT NULL,
            last_seen     timestamptz NOT NULL,
            posts         bigint      NOT NULL,
            ai_posts      bigint      NOT NULL,
            rank          double precision NOT NULL,
            state         text        NOT NULL DEFAULT 'open'
                          CHECK (state IN ('open', 'reposted', 'hidden', 'wrong')),
            decided_at    timestamptz
        ) WITH (fillfactor = 85);
        COMMENT ON TABLE repost_card IS 'One row per link, or per text where only a shortened link is known.';
        COMMENT ON COLUMN repost_card.id IS 'The post that stands for it: the one that is surest about AI.';
        COMMENT ON COLUMN repost_card.twin IS 'The hash of its normalised text, which copies share.';
        COMMENT ON COLUMN repost_card.rank IS 'log2 of the probability, plus its time in half-lives.';
        CREATE INDEX repost_card_rank_idx ON repost_card (origin, rank, card)
            INCLUDE (lang, domain, probability, first_seen, twin) WHERE state = 'open';
        CREATE INDEX repost_card_domain_idx ON repost_card (domain, rank, card)
            INCLUDE (origin, lang, probability, twin) WHERE state = 'open';
        CREATE INDEX repost_card_decided_idx ON repost_card (state, decided_at) WHERE state <> 'open';
        CREATE INDEX repost_card_text_idx ON repost_card USING gin (to_tsvector('simple', text));

        CREATE TABLE repost_weight (
            only_row        boolean PRIMARY KEY DEFAULT true CHECK (only_row),
            half_life_hours double precision NOT NULL CHECK (half_life_hours > 0)
        );
        COMMENT ON TABLE repost_weight IS 'With which half-life the cards are ranked.';
        INSERT INTO repost_weight (half_life_hours) VALUES (12);

        CREATE FUNCTION rank_cards(half_life double precision) RETURNS bigint
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        DECLARE changed bigint;
        BEGIN
            IF (SELECT half_life_hours = half_life FROM repost_weight) THEN
                RETURN 0; -- without a lock: every start of the page asks
            END IF;
            LOCK TABLE repost_card IN SHARE ROW EXCLUSIVE MODE;
            IF (SELECT half_life_hours = half_life FROM repost_weight) THEN
                RETURN 0;
            END IF;
            UPDATE repost_weight SET half_life_hours = half_life;
            UPDATE repost_card SET rank = ln(probability) / ln(2.0)
                + extract(epoch FROM least(coalesce(written_at, first_seen), first_seen))
                  / (3600 * half_life);
            GET DIAGNOSTICS changed = ROW_COUNT;
            RETURN changed;
        END $$;
        COMMENT ON FUNCTION rank_cards IS 'Ranks all cards by another half-life; how many there were.';
        REVOKE ALL ON FUNCTION rank_cards(double precision) FROM PUBLIC;

        CREATE TABLE curation_event (
            id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            card       uuid        NOT NULL,
            curator    text        NOT NULL,
            action     text        NOT NULL
                       CHECK (action IN ('repost', 'hide', 'hide_domain', 'wrong', 'undo', 'posted',
                                         'failed')),
            post_id    text        NOT NULL,
            domain     text,
            text_hash  text        NOT NULL,
            lease_id   uuid        UNIQUE,
            undoes     bigint      UNIQUE REFERENCES curation_event,
            details    jsonb       NOT NULL DEFAULT '{}',
            created_at timestamptz NOT NULL DEFAULT now(),
            CHECK ((undoes IS NOT NULL) = (action = 'undo')),
            CHECK (action <> 'hide_domain' OR domain IS NOT NULL)
        );
        COMMENT ON TABLE curation_event IS 'What curators did, and what became of reposts. No text.';
        CREATE INDEX curation_event_card_idx ON curation_event (card, id);
        CREATE INDEX curation_event_curator_idx ON curation_event (curator, id);
        CREATE INDEX curation_event_time_idx ON curation_event (created_at);
        CREATE INDEX curation_event_action_idx ON curation_event (action)
            WHERE action IN ('hide_domain', 'wrong');
        CREATE TRIGGER curation_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
            ON curation_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
        ALTER TABLE curation_event ENABLE ALWAYS TRIGGER curation_event_append_only;

        CREATE VIEW standing_curation AS
        SELECT e.* FROM curation_event e
        WHERE e.action IN ('repost', 'hide', 'hide_domain', 'wrong')
          AND NOT EXISTS (SELECT FROM curation_event u WHERE u.undoes = e.id);

        CREATE FUNCTION follow_curation() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        BEGIN
            UPDATE repost_card SET (state, decided_at) = (
                SELECT coalesce(max(CASE s.action WHEN 'repost' THEN 'reposted' WHEN 'wrong' THEN 'wrong'
                                    ELSE 'hidden' END), 'open'), max(s.created_at)
                FROM (SELECT action, created_at FROM standing_curation
                      WHERE card = NEW.card ORDER BY id DESC LIMIT 1) AS s)
            WHERE card = NEW.card;
            RETURN NULL;
        END $$;
        COMMENT ON FUNCTION follow_curation IS 'A card''s state is what was decided on it last and stands.';
        CREATE TRIGGER curation_event_state AFTER INSERT ON curation_event FOR EACH ROW
            WHEN (NEW.action NOT IN ('posted', 'failed')) EXECUTE FUNCTION follow_curation();

        CREATE TABLE curation_lease (
            card       uuid PRIMARY KEY,
            curator    text        NOT NULL,
            lease_id   uuid        NOT NULL UNIQUE,
            leased_at  timestamptz NOT NULL DEFAULT now(),
            expires_at timestamptz NOT NULL
        );
        CREATE TABLE curation_visit (
            curator text PRIMARY KEY,
            seen_at timestamptz NOT NULL
        );
        COMMENT ON TABLE curation_visit IS 'When each curator last opened the page.';

        CREATE VIEW reported_post AS
        SELECT DISTINCT ON (e.text_hash) e.text_hash, e.id AS event, c.id AS post_id, c.text, c.lang, c.link
        FROM standing_curation e JOIN repost_card c USING (card)
        WHERE e.action = 'wrong' ORDER BY e.text_hash, e.id;
        COMMENT ON VIEW reported_post IS 'Posts that curators held to be classified wrongly, for the tagger.';
    """)

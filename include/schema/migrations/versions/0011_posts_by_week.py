"""Classified posts in partitions, a week of arrivals each, so that old ones go as whole tables; and indexes.

Rows are copied, none is lost; where the table is partitioned already nothing changes. See
docs/decisions/0051-posts-go-by-the-week.md.
"""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute(r"""
        CREATE OR REPLACE FUNCTION make_ai_tweets_weeks(first timestamptz, last timestamptz) RETURNS integer
        LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '5s'
        AS $function$
        DECLARE
            week timestamptz \:= date_trunc('week', first);
            after timestamptz;
            name text;
            made integer \:= 0;
        BEGIN
            IF last - first > interval '11 years' THEN
                RAISE 'more than 11 years of partitions: % to %', first, last;
            END IF;
            PERFORM pg_advisory_xact_lock(hashtext('tweetsieve partitions'));
            WHILE week <= last LOOP
                after \:= week + interval '7 days';
                name \:= 'ai_tweets_w' || to_char(week, 'YYYYMMDD');
                IF to_regclass(name) IS NULL THEN
                    -- Nobody adds to the default partition between the move of its rows and the end.
                    LOCK TABLE ONLY ai_tweets IN SHARE UPDATE EXCLUSIVE MODE;
                    LOCK TABLE ai_tweets_default IN ACCESS EXCLUSIVE MODE;
                    EXECUTE format('CREATE TABLE %I'
                                   ' (LIKE ai_tweets INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
                    EXECUTE format('WITH moved AS (DELETE FROM ai_tweets_default'
                                   ' WHERE arrived_at >= %2$L AND arrived_at < %3$L RETURNING *)'
                                   ' INSERT INTO %1$I SELECT * FROM moved', name, week, after);
                    EXECUTE format('ALTER TABLE ai_tweets ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                                   name, week, after);
                    made \:= made + 1;
                END IF;
                week \:= after;
            END LOOP;
            RETURN made;
        END
        $function$;
        COMMENT ON FUNCTION make_ai_tweets_weeks IS
            'Makes the missing partitions of these weeks; their rows move out of the default one.';

        CREATE OR REPLACE FUNCTION drop_ai_tweets_week(week text) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
        AS $function$
        BEGIN
            IF week !~ '^ai_tweets_w[0-9]{8}$' THEN
                RAISE '% is no week of ai_tweets', week;
            END IF;
            EXECUTE format('ALTER TABLE ai_tweets DETACH PARTITION %I', week);
            EXECUTE format('DROP TABLE %I', week);
        END
        $function$;
        COMMENT ON FUNCTION drop_ai_tweets_week IS 'Drops a partition, for those who don''t own the table.';

        DO $do$
        DECLARE
            week timestamptz;
            granted record;
            before bigint;
            after bigint;
        BEGIN
            IF (SELECT relkind = 'p' FROM pg_class WHERE oid = 'ai_tweets'\:\:regclass) THEN
                RETURN;
            END IF;
            LOCK TABLE ai_tweets IN ACCESS EXCLUSIVE MODE;
            ALTER TABLE ai_tweets RENAME TO ai_tweets_whole;
            CREATE TABLE ai_tweets (LIKE ai_tweets_whole INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
                PARTITION BY RANGE (arrived_at);
            CREATE TABLE ai_tweets_default PARTITION OF ai_tweets DEFAULT;
            FOR week IN
                SELECT DISTINCT date_trunc('week', arrived_at, 'UTC') FROM ai_tweets_whole
                WHERE arrived_at BETWEEN now() - interval '10 years' AND now() + interval '8 weeks'
            LOOP
                PERFORM make_ai_tweets_weeks(week, week);
            END LOOP;
            INSERT INTO ai_tweets SELECT * FROM ai_tweets_whole;
            GET DIAGNOSTICS after = ROW_COUNT;
            SELECT count(*) INTO before FROM ai_tweets_whole;
            IF before <> after THEN
                RAISE '% rows before, % after', before, after;
            END IF;
            FOR granted IN
                SELECT acl.grantee\:\:regrole AS role, acl.privilege_type AS what
                FROM pg_class c, aclexplode(c.relacl) AS acl
                WHERE c.oid = 'ai_tweets_whole'\:\:regclass AND acl.grantee NOT IN (0, c.relowner)
            LOOP
                EXECUTE format('GRANT %s ON ai_tweets TO %s', granted.what, granted.role);
            END LOOP;
            DROP TABLE ai_tweets_whole;
            ALTER TABLE ai_tweets ADD PRIMARY KEY (topic, kafka_partition, kafka_offset, arrived_at);
            CREATE INDEX ai_tweets_arrived_at_idx ON ai_tweets (arrived_at);
            CREATE INDEX ai_tweets_probability_idx ON ai_tweets (probability) WHERE cardinality(links) > 0;
            COMMENT ON TABLE ai_tweets IS 'Classified posts, a partition for each week of arrivals.';
        END
        $do$;

        SELECT make_ai_tweets_weeks(now() - interval '2 weeks', now() + interval '8 weeks');

        -- What the monitor and the dashboard ask every few seconds costs the same, however much there is.
        CREATE INDEX IF NOT EXISTS stream_progress_caught_up_idx ON stream_progress (workload, id DESC)
            WHERE lag = 0;
        CREATE INDEX IF NOT EXISTS stream_commit_latest_idx ON stream_commit (workload, id DESC);
        CREATE INDEX IF NOT EXISTS stream_commit_posts_idx ON stream_commit (workload, id DESC)
            WHERE posts > 0;
        CREATE INDEX IF NOT EXISTS dead_letter_open_idx ON dead_letter (created_at) INCLUDE (stage, reason)
            WHERE replayed_at IS NULL;
    """)

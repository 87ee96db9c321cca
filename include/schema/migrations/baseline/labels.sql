CREATE TABLE IF NOT EXISTS label_event (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    text_hash    text        NOT NULL,
    post_id      text        NOT NULL,
    text         text        NOT NULL,
    version      integer,
    annotator    text        NOT NULL,
    action       text        NOT NULL
                 CHECK (action IN ('label', 'skip', 'flag', 'undo', 'import', 'adjudicate')),
    label        smallint    CHECK (label IN (0, 1)),
    undoes       bigint      UNIQUE REFERENCES label_event,
    lease_id     uuid        UNIQUE,
    queue        text        NOT NULL,
    shown        jsonb       NOT NULL DEFAULT '{}',
    milliseconds integer,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CHECK ((label IS NOT NULL) = (action IN ('label', 'import', 'adjudicate'))),
    CHECK ((undoes IS NOT NULL) = (action = 'undo'))
);
CREATE INDEX IF NOT EXISTS label_event_text_idx ON label_event (text_hash, annotator, id);
CREATE INDEX IF NOT EXISTS label_event_annotator_idx ON label_event (annotator, id);

CREATE TABLE IF NOT EXISTS labelling_lease (
    text_hash  text        NOT NULL,
    version    integer     NOT NULL,
    annotator  text        NOT NULL,
    lease_id   uuid        NOT NULL UNIQUE,
    queue      text        NOT NULL,
    leased_at  timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (text_hash)
);

-- Which texts a targeted queue holds, the most informative first. Written again whenever the version is
-- labelled again.
CREATE TABLE IF NOT EXISTS labelling_queue (
    version   integer NOT NULL,
    queue     text    NOT NULL,
    text_hash text    NOT NULL,
    priority  double precision NOT NULL,
    details   jsonb   NOT NULL DEFAULT '{}',
    PRIMARY KEY (version, queue, text_hash)
);
CREATE INDEX IF NOT EXISTS labelling_queue_order_idx
    ON labelling_queue (version, queue, priority DESC, text_hash);

CREATE OR REPLACE VIEW standing_event AS
SELECT e.* FROM label_event e
WHERE e.action <> 'undo' AND NOT EXISTS (SELECT FROM label_event u WHERE u.undoes = e.id);

-- Texts that people labelled differently, or flagged, and that nobody has decided yet.
CREATE OR REPLACE VIEW disputed_text AS
SELECT text_hash, max(id) AS last_event, count(DISTINCT label) > 1 AS differs
FROM standing_event GROUP BY text_hash
HAVING (count(DISTINCT label) > 1 OR bool_or(action = 'flag')) AND NOT bool_or(action = 'adjudicate');

-- A label stands until it is undone; the latest standing one of an annotator counts, and an
-- adjudicated one decides over all others.
CREATE OR REPLACE VIEW golden_label AS
WITH standing AS (
    SELECT DISTINCT ON (e.text_hash, e.annotator) e.*
    FROM label_event e
    WHERE e.label IS NOT NULL
      AND NOT EXISTS (SELECT FROM label_event u WHERE u.undoes = e.id)
    ORDER BY e.text_hash, e.annotator, e.id DESC
)
SELECT s.text_hash, s.post_id, s.text, s.annotator, s.label, s.action, s.queue, s.created_at,
       COALESCE(
           (array_agg(s.label) FILTER (WHERE s.action = 'adjudicate') OVER texts)[1],
           CASE WHEN avg(s.label) OVER texts > 0.5 THEN 1
                WHEN avg(s.label) OVER texts < 0.5 THEN 0 END
       )::smallint AS agreed_label
FROM standing s
WINDOW texts AS (PARTITION BY s.text_hash);

CREATE TABLE IF NOT EXISTS labelling_report (
    version    integer NOT NULL,
    j          integer NOT NULL,
    function   text    NOT NULL,
    polarity   text    NOT NULL,
    coverage   double precision NOT NULL,
    "overlaps" double precision NOT NULL,
    conflicts  double precision NOT NULL,
    weight     double precision,
    details    jsonb   NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (version, function)
);

-- Golden against weak labels (-1: none), with example posts; test posts are never among them.
CREATE TABLE IF NOT EXISTS labelling_bucket (
    version  integer  NOT NULL,
    golden   smallint NOT NULL,
    weak     smallint NOT NULL,
    posts    integer  NOT NULL,
    examples jsonb    NOT NULL,
    PRIMARY KEY (version, golden, weak)
);

-- Which labeller gave a version its weak labels, and the candidates' scores on golden labels.
CREATE TABLE IF NOT EXISTS labelling_choice (
    version    integer PRIMARY KEY,
    method     text        NOT NULL,
    reason     text        NOT NULL,
    scores     jsonb       NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);

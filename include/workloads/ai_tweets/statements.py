"""What the database does with new posts beside keeping them."""

from __future__ import annotations

COUNT_LINKS = """
INSERT INTO links AS known (link, domain, first_seen, last_seen, posts, ai_posts)
SELECT l.link, min(l.domain), min(s.arrived_at), max(s.arrived_at), count(*),
       count(*) FILTER (WHERE s.probability >= coalesce(t.threshold, 0.5))
FROM {new} AS s LEFT JOIN ai_threshold t USING (model_version),
     unnest(s.links[1:100], s.domains[1:100]) AS l (link, domain)
WHERE cardinality(s.links) > 0
GROUP BY l.link ORDER BY l.link
ON CONFLICT (link) DO UPDATE SET
    first_seen = least(known.first_seen, EXCLUDED.first_seen),
    last_seen = greatest(known.last_seen, EXCLUDED.last_seen),
    posts = known.posts + EXCLUDED.posts,
    ai_posts = known.ai_posts + EXCLUDED.ai_posts
"""
"""A link counts once per post that has it among its first hundred; posts about AI are counted apart.

About AI is what reaches the threshold of the model that scored it. A post of ten thousand links, which can
only be somebody's attempt, so costs no more than others, and the dashboard's trends read as many.
"""

KEEP_CARDS = """
INSERT INTO repost_card AS known (card, id, author, repeats, text, lang, link, domain, twin, origin,
    written_at, probability, model_version, first_seen, last_seen, posts, ai_posts, rank)
SELECT card, id, author, repeats, text, lang, link, domain, twin,
       CASE WHEN domain ~ '(^|[.])(example|test|invalid|localhost)$' THEN 'synthetic'
            WHEN written_at IS NULL OR written_at < arrived_at - interval '2 days' THEN 'dump'
            ELSE 'live' END,
       written_at, probability, model_version, first_seen, last_seen, posts, ai_posts,
       ln(probability) / ln(2.0::float8)
       + extract(epoch FROM least(coalesce(written_at, first_seen), first_seen))::float8
         / (3600 * (SELECT half_life_hours FROM repost_weight))
FROM (SELECT DISTINCT ON (s.card) s.card::uuid AS card, s.id, s.author, s.repeats, left(s.text, 5000) AS text,
             s.lang, s.card_link AS link, s.card_domain AS domain, s.twin::uuid AS twin,
             s.created_at AS written_at, s.arrived_at, s.probability, s.model_version,
             min(s.arrived_at) OVER same AS first_seen, max(s.arrived_at) OVER same AS last_seen,
             count(*) OVER same AS posts,
             count(*) FILTER (WHERE s.probability >= coalesce(t.threshold, 0.5)) OVER same AS ai_posts
      FROM {new} AS s LEFT JOIN ai_threshold t USING (model_version)
      WHERE s.card IS NOT NULL
      WINDOW same AS (PARTITION BY s.card)
      ORDER BY s.card, s.probability DESC, s.arrived_at, s.id) AS best
ON CONFLICT (card) DO UPDATE SET
    first_seen = least(known.first_seen, EXCLUDED.first_seen),
    last_seen = greatest(known.last_seen, EXCLUDED.last_seen),
    posts = known.posts + EXCLUDED.posts,
    ai_posts = known.ai_posts + EXCLUDED.ai_posts
"""
"""One row for each thing that posts share; the surest post of those that came first stands for it.

A later post is counted and changes nothing that an index holds: the row is rewritten where it is.
"""

BETTER_CARDS = """
UPDATE repost_card AS known SET
    id = best.id, author = best.author, repeats = best.repeats, text = left(best.text, 5000),
    lang = best.lang, link = best.card_link, twin = best.twin::uuid, written_at = best.created_at,
    probability = best.probability, model_version = best.model_version,
    rank = known.rank + (ln(best.probability) - ln(known.probability)) / ln(2.0::float8)
FROM (SELECT DISTINCT ON (card) * FROM {new} AS s WHERE card IS NOT NULL
      ORDER BY card, probability DESC, arrived_at, id) AS best
WHERE known.card = best.card::uuid AND known.state = 'open' AND best.probability > known.probability + 0.05
"""
"""A post that is much surer about AI stands for its card from now on, until somebody has decided on it."""

"""What the database does with new posts beside keeping them."""

from __future__ import annotations

COUNT_LINKS = """
INSERT INTO links AS known (link, domain, first_seen, last_seen, posts)
SELECT l.link, min(l.domain), min(s.arrived_at), max(s.arrived_at), count(*)
FROM {new} AS s, unnest(s.links[1:100], s.domains[1:100]) AS l (link, domain)
WHERE cardinality(s.links) > 0
GROUP BY l.link ORDER BY l.link
ON CONFLICT (link) DO UPDATE SET
    first_seen = least(known.first_seen, EXCLUDED.first_seen),
    last_seen = greatest(known.last_seen, EXCLUDED.last_seen),
    posts = known.posts + EXCLUDED.posts
"""
"""A link counts once per post that has it among its first hundred.

A post of ten thousand links, which can only be somebody's attempt, so costs no more than others, and the
dashboard's trends read as many.
"""

"""Made-up posts with soft labels, and a dataset version of them in a real database."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import psycopg
from psycopg import sql

from include.schema.dataset_tables import VersionTables, create_deduplicated, create_split

AI = (
    "deep learning",
    "neural networks",
    "machine learning",
    "computer vision",
    "#NLP",
    "data science",
    "#AI",
)
OTHER = ("tea", "football", "the garden", "my cat", "the weather", "breakfast", "a film")
FRAMES = (
    "I read a new paper on {} today",
    "RT @someone: our course on {} starts on Monday https://t.co/{n}",
    "{} is all we talk about, job {n} open",
    "why {} matters more than you think ({n})",
    "{}: ten things learned in {n} days 🙂",
)


def make_posts(count: int, seed: int = 0, share: float = 0.3) -> list[tuple[str, float]]:
    """(text, probability), seeded; about ``share`` of them on AI, some labels in doubt."""
    choose = random.Random(seed)
    posts = []
    for number in range(count):
        is_ai = choose.random() < share
        subject = choose.choice(AI if is_ai else OTHER)
        text = choose.choice(FRAMES).format(subject, n=number) + f" word{choose.randrange(40)} number{number}"
        posts.append((text, choose.choice((0.95, 0.8)) if is_ai else choose.choice((0.05, 0.2))))
    return posts


def fill_version(
    connection: psycopg.Connection,
    tables: VersionTables,
    splits: Mapping[str, Sequence[tuple[str, float | None]]],
) -> None:
    """Create a version's tables with these posts, each a near-duplicate group of its own."""
    create_deduplicated(connection, tables.deduplicated)
    for name, posts in splits.items():
        create_split(connection, tables.split(name))
        for number, (text, probability) in enumerate(posts):
            _insert(connection, tables.deduplicated, f"{name}{number}", text, ())
            label = None if probability is None else int(probability > 0.5)
            _insert(connection, tables.split(name), f"{name}{number}", text, (label, probability))


def _insert(connection: psycopg.Connection, table: str, post: str, text: str, weak: tuple) -> None:
    from include.posts.text import text_hash

    moment, key = datetime(2026, 1, 1, tzinfo=UTC), text_hash(text)
    values = [
        "t",
        0,
        0,
        post,
        moment,
        None,
        "plain",
        "en",
        text,
        [],
        [],
        [],
        [],
        False,
        moment,
        key,
        key,
        *weak,
    ]
    marks = sql.SQL(", ").join(sql.Placeholder() * len(values))
    query = sql.SQL("INSERT INTO {} VALUES ({}) ON CONFLICT DO NOTHING").format(sql.Identifier(table), marks)
    connection.execute(query, values)


def add_golden(connection: psycopg.Connection, text: str, label: int) -> None:
    """One golden label of a person."""
    from include.posts.text import text_hash

    connection.execute(
        "INSERT INTO label_event (text_hash, post_id, text, annotator, action, label, queue) "
        "VALUES (%s, 'x', %s, 'ann', 'label', %s, 'random')",
        [text_hash(text), text, label],
    )

"""A dataset version of real posts, built in seconds: what the DAGs do on Spark, done in this process."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import psycopg
from psycopg import sql

from include.annotation.labels.importing import import_labels
from include.datasets.dedup.minhash import SIMILAR, bands, shingles
from include.datasets.splitting.sizes import split_sizes
from include.infra.postgres.connection import connect
from include.labelling.label_dataset import label_dataset
from include.posts.text import text_hash, tokens
from include.schema.dataset_tables import SPLITS, VersionTables, create_deduplicated, create_raw, create_split
from include.settings import Settings

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def build_version(version: int, dump: Path, golden: Path, settings: Settings) -> None:
    """Fill a version's tables from a dump, take the golden labels, and label it weakly."""
    tables = VersionTables.of(version, settings)
    with gzip.open(dump, "rt", encoding="utf-8") as lines:
        posts = [json.loads(line) for line in lines]
    unique = {text_hash(post["text"]): post for post in reversed(posts)}
    hashes = sorted(unique)
    groups = near_duplicates(hashes, [tokens(unique[one]["text"]) for one in hashes])
    with connect(settings) as connection:
        create_raw(connection, tables.raw)
        create_deduplicated(connection, tables.deduplicated)
        _copy(connection, tables.raw, [(*_row(i, post), None, None) for i, post in enumerate(posts)])
        rows = {one: (*_row(i, unique[one]), one, groups[one]) for i, one in enumerate(hashes)}
        _copy(connection, tables.deduplicated, list(rows.values()))
        for name, members in split(groups, settings.split_seed).items():
            create_split(connection, tables.split(name))
            _copy(connection, tables.split(name), [(*rows[one], None, None) for one in members])
    import_labels(golden, version, settings, partial=True)
    label_dataset(version, settings)


def near_duplicates(hashes: Sequence[str], words: Sequence[list[str]]) -> dict[str, str]:
    """The group of every text: the smallest hash of those it is near to, by others or itself."""
    sets = {one: shingles(found) for one, found in zip(hashes, words, strict=True)}
    kept = [one for one in hashes if len(sets[one])]
    starts = np.cumsum([0, *(len(sets[one]) for one in kept)])[:-1]
    keys = bands(np.concatenate([sets[one] for one in kept]), starts)
    parent = {one: one for one in hashes}

    def root(one: str) -> str:
        while parent[one] != one:
            one = parent[one]
        return one

    for column in keys.T:
        last: dict[int, str] = {}
        for one, key in zip(kept, column.tolist(), strict=True):
            other = last.setdefault(key, one)
            both = len(np.intersect1d(sets[one], sets[other], assume_unique=True))
            if other != one and both >= SIMILAR * (len(sets[one]) + len(sets[other]) - both):
                first, second = sorted((root(one), root(other)))
                parent[second] = first
            last[key] = one
    return {one: root(one) for one in hashes}


def split(groups: dict[str, str], seed: int) -> dict[str, list[str]]:
    """Groups in the order of their hash with the seed, into test, dev, snorkel_train and the rest."""
    members: dict[str, list[str]] = {}
    for one, group in groups.items():
        members.setdefault(group, []).append(one)
    ordered = sorted(members, key=lambda group: hashlib.sha256(f"{seed}:{group}".encode()).hexdigest())
    wanted = split_sizes(len(groups))
    found: dict[str, list[str]] = {name: [] for name in SPLITS}
    for group in ordered:
        fits = (name for name in wanted if len(found[name]) + len(members[group]) <= wanted[name])
        found[next(fits, "train")] += members[group]
    return found


def _row(place: int, post: dict) -> tuple:
    return (
        *("dump", 0, place, post["id_str"], None, None, "plain", None, post["text"].replace("\x00", "")),
        *([], [], [], [], False, MOMENT),
    )


def _copy(connection: psycopg.Connection, table: str, rows: list[tuple]) -> None:
    with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as copy:
        for row in rows:
            copy.write_row(row)

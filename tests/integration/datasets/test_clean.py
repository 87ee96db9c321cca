"""Dropping a version, and all that it left in shared tables."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.types.json import Jsonb

from include.datasets.clean import REMAINS, clean_dataset, count_remains, weak_label_folder
from include.datasets.staging import VersionBusy, staging
from include.infra.postgres.connection import connect
from include.labelling.label_dataset import label_dataset
from include.posts.text import text_hash
from include.schema.dataset_tables import table_exists
from include.settings import Settings
from tests.support.datasets.raw_posts import fill_raw
from tests.support.datasets.version_of_posts import build

pytestmark = pytest.mark.stack


def test_clean_is_a_dry_run_unless_told(database: Settings) -> None:
    with connect(database) as connection:
        table = fill_raw(connection, 805, ["a"])
        connection.execute("INSERT INTO collection VALUES (805, 's', '{}', 'f', '{}', '{}', '{}')")
        connection.execute(
            "INSERT INTO label_event (text_hash, post_id, text, version, annotator, action, label, queue)"
            " VALUES (%s, '1', 'a', 805, 'me', 'label', 1, 'random')",
            [text_hash("a")],
        )
    expected = [f"table {table}", "collection row 805"]
    assert clean_dataset(805, settings=database) == expected
    with connect(database) as connection:
        assert table_exists(connection, table)
    with staging(805, database), pytest.raises(VersionBusy):
        clean_dataset(805, dry_run=False, settings=database)
    assert clean_dataset(805, dry_run=False, settings=database) == expected
    assert clean_dataset(805, dry_run=False, settings=database) == []
    with connect(database) as connection:
        kept = connection.execute("SELECT count(*) FROM label_event WHERE version = 805").fetchone()
    assert kept == (1,)


def test_clean_takes_what_a_version_left_in_shared_tables(database: Settings) -> None:
    def put(connection: psycopg.Connection, version: int, offset: int) -> None:
        build(
            connection, version, {"test": [f"AI {version}"], "snorkel_train": [f"a course in AI {version}"]}
        )
        offsets = Jsonb({"mix": {"0": offset}}), Jsonb({"mix": {"0": offset + 10}})
        connection.execute(
            "INSERT INTO collection VALUES (%s, 's', '{}', 'f', %s, %s, '{}')", [version, *offsets]
        )
        with connect(database.as_role("tagger")) as tagger:
            tagger.execute(
                """INSERT INTO labelling_lease (text_hash, version, annotator, lease_id, queue, expires_at)
                   VALUES (%s, %s, 'ann', gen_random_uuid(), 'random', now())""",
                [f"of {version}", version],
            )

    def left(connection: psycopg.Connection, version: int) -> dict[str, int]:
        connection.commit()
        return count_remains(connection, version)

    with connect(database) as connection:
        put(connection, 806, 100)
        put(connection, 807, 105)  # its positions overlap with those of 806 by half
        letters = [("mix", 0, at, stage) for at in (99, 100, 104, 105, 110) for stage in ("collect", "parse")]
        connection.cursor().executemany(
            """INSERT INTO dead_letter (topic, kafka_partition, kafka_offset, stage, workload, reason)
               VALUES (%s, %s, %s, %s, 'of ' || %s, 'not JSON')""",
            [(*letter, letter[-1]) for letter in letters],
        )
        connection.commit()
        for version in (806, 807):
            label_dataset(version, database)
        of_806, of_807 = left(connection, 806), left(connection, 807)
        assert of_806.keys() == REMAINS.keys() - {"labelling_bucket"}  # no golden labels, no buckets
        assert of_806["dead_letter"] == 2
        said = clean_dataset(806, settings=database)
        assert left(connection, 806) == of_806
        assert clean_dataset(806, dry_run=False, settings=database) == said
        assert "2 rows of dead_letter" in said
        assert left(connection, 806) == {}
        assert not weak_label_folder(806, database).exists()
        assert left(connection, 807) == {**of_807, "dead_letter": 2}  # 105 is its own by now
        kept = connection.execute(
            "SELECT kafka_offset, stage FROM dead_letter WHERE topic = 'mix'"
        ).fetchall()
        assert set(kept) == {(at, stage) for _, _, at, stage in letters} - {
            (100, "collect"),
            (104, "collect"),
        }
        clean_dataset(807, dry_run=False, settings=database)
        connection.execute("DELETE FROM dead_letter WHERE topic = 'mix'")

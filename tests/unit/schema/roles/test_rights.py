"""What the table of rights gives away, read as a person would read it."""

from __future__ import annotations

import re

import pytest

from include.database_settings import ROLES
from include.schema.revision import MIGRATIONS
from include.schema.roles.rights import (
    CREATORS,
    DATABASE,
    GROUPS,
    SHARED,
    WORD,
    WRITERS,
    kind_of,
    owner_of_results,
)
from include.settings import Settings

GUARDED = re.compile(r"TRIGGER (\w+)_append_only")


def settings(**values: object) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[arg-type]


def test_what_revisions_guard_as_append_only_nobody_may_change() -> None:
    files = [*MIGRATIONS.rglob("*.sql"), *MIGRATIONS.rglob("*.py")]
    guarded = {name for file in files for name in GUARDED.findall(file.read_text(encoding="utf-8"))}
    assert guarded >= {"label_event", "label_import", "promotion", "traffic_share"}
    for table in guarded:
        for role, letters in SHARED[table].items():
            assert set(letters) <= {"S", "I"}, f"{role} on {table}"


def test_every_letter_is_a_right_and_every_role_one_that_can_connect() -> None:
    for table, rights in SHARED.items():
        assert rights.keys() <= set(ROLES), table
        assert all(set(letters) <= WORD.keys() for letters in rights.values()), table
        assert rights.keys() <= DATABASE.keys(), table
    assert "airflow" not in DATABASE
    assert "airflow" not in {role for rights in SHARED.values() for role in rights}


def test_pages_and_monitor_create_no_tables() -> None:
    assert set(CREATORS) == {*GROUPS, *WRITERS}


@pytest.mark.parametrize(
    ("schema", "table", "owner"),
    [
        ("public", "label_event", "owner"),
        ("public", "raw_tweet_dataset_12", "tasks"),
        ("public", "deduplicated_raw_tweet_dataset_12", "tasks"),
        ("public", "snorkel_train_dataset_0", "tasks"),
        ("building_3_0123456789ab", "anything", "tasks"),
        ("public", "stream_stage_ai_tweets$a_0_rows", "stream"),
        ("public", "readings", "results"),
        ("public", "raw_tweet_dataset_12_mine", "results"),
        ("public", "train_dataset_x", "results"),
    ],
)
def test_whose_a_table_is(schema: str, table: str, owner: str) -> None:
    assert kind_of(schema, table, settings()).owner == owner


def test_another_prefix_has_its_own_tables() -> None:
    assert kind_of("public", "posts_3", settings(dataset_prefix="posts")).owner == "tasks"


def test_unfinished_tables_are_nobody_elses() -> None:
    assert kind_of("public", "stream_stage_numbers$1_0_rows", settings()).rights == {}
    assert kind_of("building_3_0123456789ab", "x", settings()).rights == {}


@pytest.mark.parametrize(
    ("role", "owner"),
    [("stream", "mine_results"), ("tasks", "mine_results"), ("monitor", None), ("", None)],
)
def test_a_writer_makes_tables_of_results_for_the_group(role: str, owner: str | None) -> None:
    assert owner_of_results(settings(database_role=role, database_role_prefix="mine")) == owner

"""The rights of each role on each table. All other rights are taken away whenever a stack is set up.

A letter is a right: S(ELECT), I(NSERT), U(PDATE), D(ELETE). Nobody but a table's owner may TRUNCATE it, and
the owner of an append-only table is no role that a program runs with.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from include.database_settings import OWNER, Role
from include.schema.dataset_tables import SPLITS
from include.settings import Settings

RESULTS: Literal["results"] = "results"
"""A group without a log-in, which owns the tables that streams make for their results."""

GROUPS = (OWNER, RESULTS)

WRITERS: tuple[Role, ...] = ("stream", "tasks")
"""Members of that group: the streams, and replays, which are tasks."""

Owner = Role | Literal["owner", "results"]

WORD = {"S": "SELECT", "I": "INSERT", "U": "UPDATE", "D": "DELETE"}

SHARED: Mapping[str, Mapping[Role, str]] = {
    # Append-only: nobody changes or deletes what is there. See the revisions 0001, 0002, 0006 and 0007.
    "label_event": {"tagger": "SI", "tasks": "SI", "forgetter": "S"},  # redacted by redact_labels alone
    "label_import": {"tagger": "SI", "tasks": "SI", "forgetter": "S"},
    "promotion": {"tasks": "SI", "dashboard": "S"},
    "promotion_scoring": {"tasks": "SI"},
    "promotion_evidence": {"tasks": "SI", "dashboard": "S"},
    "traffic_share": {"tasks": "SI", "stream": "S", "inbox": "S"},
    "share_evidence": {"tasks": "SI", "inbox": "S"},
    # Labelling
    "labelling_lease": {"tagger": "SIUD", "tasks": "SD", "forgetter": "SUD"},
    "labelling_queue": {"tagger": "SD", "tasks": "SID", "forgetter": "SUD"},
    "labelling_report": {"tagger": "S", "tasks": "SID", "forgetter": "SUD"},
    "labelling_bucket": {"tagger": "S", "tasks": "SID", "forgetter": "SUD"},
    "labelling_choice": {"tagger": "S", "tasks": "SIUD", "forgetter": "SUD"},
    "standing_event": {"tagger": "S", "tasks": "S"},
    "disputed_text": {"tagger": "S", "tasks": "S"},
    "golden_label": {"tagger": "S", "tasks": "S"},
    # Datasets and models
    "collection": {"tasks": "SIUD", "forgetter": "S"},
    # Forgotten posts: who writes tombstones takes out the texts; the others leave those posts out.
    "forgotten": {"forgetter": "SIU", "tasks": "SI", "tagger": "S", "stream": "S"},
    "forgotten_notice": {"forgetter": "SIU", "tasks": "S"},
    "forgetting_receipt": {"forgetter": "SI"},
    "model_version": {"tasks": "SIU"},
    "ai_threshold": {"stream": "S", "tasks": "S", "dashboard": "S", "forgetter": "S"},
    "rollout": {"tasks": "SIU", "stream": "S", "keeper": "SUD"},
    # Cards to repost, kept by the stream. Who curates adds events alone: a card's state follows by trigger.
    "repost_card": {"stream": "SIU", "tasks": "SIU", "dashboard": "S", "keeper": "SUD", "forgetter": "SUD"},
    "repost_weight": {"stream": "S", "tasks": "S", "dashboard": "S"},
    "curation_event": {"dashboard": "SI"},
    "standing_curation": {"dashboard": "S"},
    "curation_lease": {"dashboard": "SIUD"},
    "curation_visit": {"dashboard": "SIU"},
    "reported_post": {"tagger": "S"},
    # Streams. A replay of dead letters is a task that writes what the stream writes.
    "ai_tweets": {"stream": "SI", "tasks": "SI", "dashboard": "S", "keeper": "SUD", "forgetter": "SUD"},
    "links": {"stream": "SIU", "tasks": "SIU", "dashboard": "S", "keeper": "SUD", "forgetter": "SUD"},
    "dead_letter": {
        "stream": "SIU",
        "tasks": "SIUD",
        "dashboard": "S",
        "monitor": "S",
        "keeper": "SUD",
        "forgetter": "SUD",
    },
    "stream_commit": {
        "stream": "SIU",
        "tasks": "S",
        "dashboard": "S",
        "monitor": "S",
        "keeper": "SUD",
        "forgetter": "S",
    },
    "stream_progress": {"stream": "SI", "tasks": "S", "dashboard": "S", "monitor": "S", "keeper": "SUD"},
    "stream_loss": {"stream": "SI", "tasks": "S", "monitor": "S"},
    "stream_lease": {"stream": "SIUD", "tasks": "S", "monitor": "S", "forgetter": "S"},
    "stream_wanted": {"stream": "SIU", "tasks": "SIU", "monitor": "S"},
    "stream_restart": {"tasks": "SI", "monitor": "S", "keeper": "SUD", "forgetter": "SU"},
    "stream_incident": {"monitor": "SIU", "keeper": "SUD", "forgetter": "SU"},
    "stream_monitor": {"monitor": "SIU"},
    "alembic_version": dict.fromkeys(
        ("stream", "tagger", "dashboard", "inbox", "monitor", "tasks", "keeper", "forgetter"), "S"
    ),
}
"""The tables and views that revisions make. ``keeper`` may UPDATE because it locks the rows
that it deletes, and PostgreSQL asks for that right."""

READS_EVERYTHING: Role = "backup"
"""Not by membership in ``pg_read_all_data``, which reads what the server checks passwords by."""

RESULT_TABLES: Mapping[Role, str] = {
    "dashboard": "S",
    "inbox": "SIU",
    "monitor": "S",
    "keeper": "SUD",
    "forgetter": "SUD",
    READS_EVERYTHING: "S",
}
"""On the other tables of the streams' results. The inbox writes what people did with a message."""

DATASET_TABLES: Mapping[Role, str] = {"tagger": "S", "forgetter": "SUD", READS_EVERYTHING: "S"}
"""On the tables of dataset versions."""

FUNCTIONS: Mapping[str, tuple[Role, ...]] = {
    "make_ai_tweets_weeks(timestamptz, timestamptz)": ("stream", "tasks", "keeper"),
    "drop_ai_tweets_week(text)": ("keeper",),
    "redact_labels(text[])": ("forgetter",),
    "rank_cards(double precision)": ("dashboard",),
}
"""Who may call those functions that work with their owner's rights; nobody else may."""

DATABASE: Mapping[Owner, tuple[str, ...]] = {
    OWNER: ("CONNECT", "TEMPORARY", "CREATE"),
    "stream": ("CONNECT", "TEMPORARY"),
    "tagger": ("CONNECT", "TEMPORARY"),
    "dashboard": ("CONNECT",),
    "inbox": ("CONNECT",),
    "monitor": ("CONNECT",),
    "tasks": ("CONNECT", "TEMPORARY", "CREATE"),  # unfinished versions are built in schemas of their own
    "keeper": ("CONNECT",),
    "backup": ("CONNECT",),
    "forgetter": ("CONNECT", "TEMPORARY"),
}
"""On the main database; nobody else may connect to it."""

CREATORS: tuple[Owner, ...] = (OWNER, "stream", "tasks", RESULTS)
"""Who may create tables in the schema ``public``."""


@dataclass(frozen=True)
class Kind:
    """What a table is: whose, and what the others may do with it."""

    owner: Owner
    rights: Mapping[Role, str] = field(default_factory=dict)


def kind_of(schema: str, table: str, settings: Settings) -> Kind:
    """What the roles may do with a table or view of the main database.

    >>> kind_of("public", "promotion", Settings()).rights["tasks"]
    'SI'
    >>> kind_of("public", "train_dataset_3", Settings()).owner
    'tasks'
    """
    if re.fullmatch(BUILDING, schema):
        return Kind("tasks")
    table = whole(table)
    if table in SHARED:
        return Kind(OWNER, {**SHARED[table], READS_EVERYTHING: "S"})
    if table.startswith("stream_stage_"):
        return Kind("stream")
    if re.fullmatch(_versioned(settings), table):
        return Kind("tasks", DATASET_TABLES)
    return Kind(RESULTS, RESULT_TABLES)


def whole(table: str) -> str:
    """The table that a partition is of; any other table itself.

    >>> whole("ai_tweets_w20261123"), whole("ai_tweets_default"), whole("links")
    ('ai_tweets', 'ai_tweets', 'links')
    """
    return re.sub(r"^ai_tweets_(default|w\d{8})$", "ai_tweets", table)


def owner_of_results(settings: Settings) -> str | None:
    """Who is to own a table of results that this program makes; None: itself."""
    return settings.login_name(RESULTS) if settings.logs_in_as in WRITERS else None


BUILDING = r"building_\d+_[0-9a-f]{12}"
"""Schemas of dataset versions that are being built."""


def _versioned(settings: Settings) -> str:
    return rf"((deduplicated_)?{re.escape(settings.dataset_prefix)}|({'|'.join(SPLITS)})_dataset)_\d+"

"""Every place where a post's text may lie: how it is found there and what becomes of it.

A test walks the database and holds that each column that can hold a text is declared here, as a place or as
free of posts' texts; another holds docs/deletion.md to this list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from include.forgetting.database import letters, tables
from include.forgetting.files import folders, logs
from include.forgetting.search.sweep import Found, Sweep


@dataclass(frozen=True)
class Place:
    """One place.

    Attributes:
        name: as receipts and docs/deletion.md call it.
        sweep: counts what is to go, and unless it is a dry run removes it.
        columns: for tables, by a pattern of their names, the columns that hold posts' words.
    """

    name: str
    sweep: Callable[[Sweep], Found]
    columns: Mapping[str, str] = field(default_factory=dict)


_OWN = "text links media hashtags keywords author repeats id source"
_RAW = r"(deduplicated_)?{prefix}_[0-9]+|(test|dev|snorkel_train|train)_dataset_[0-9]+"

PLACES = (
    Place("files of rows", folders.files),
    Place("logs and reports", logs.logs),
    Place("what programs said", tables.words, {"stream_incident": "message", "stream_restart": "reason"}),
    Place("error buckets", tables.buckets, {"labelling_bucket": "examples"}),
    Place("labelling queues and leases", tables.queues),
    Place("dead letters", letters.dead_letters, {"dead_letter": "key value reason last_reason"}),
    Place("unfinished batches", letters.staged, {"stream_stage_.*": ".*"}),
    Place(
        "results and links",
        tables.results,
        {"ai_tweets": _OWN, "links": "link domain", "repost_card": f"{_OWN} link domain"},
    ),
    Place("people's labels", tables.labels, {"label_event": "text"}),
    Place("dataset versions", tables.versions, {_RAW: _OWN}),
)
"""In the order in which they are swept: what is found by a text, or by other rows, before these go."""

FREE: dict[str, str] = {
    r"alembic_version": "version_num",
    r"ai_tweets": "topic lang",
    r"collection": "source parameters fingerprint start_offsets end_offsets posts",
    r"curation_event": "curator action post_id domain text_hash details",
    r"curation_lease": "curator",
    r"curation_visit": "curator",
    r"dead_letter": "workload topic stage replayed_by",
    r"forgetting_receipt": "asked_by reason receipt",
    r"forgotten": "kind id reason asked_by",
    r"forgotten_notice": "topic topic_id",
    r"label_event": "text_hash post_id annotator action queue shown recorded_by",
    r"label_import": "file imported_by",
    r"labelling_bucket": "",
    r"labelling_choice": "method reason scores",
    r"labelling_lease": "text_hash annotator queue",
    r"labelling_queue": "queue text_hash details",
    r"labelling_report": "function polarity details",
    r"model_version": "model_name path metrics",
    r"promotion": "model_name target action outcome reason approver evidence evidence_hash previous_hash"
    " entry_hash",
    r"promotion_evidence": "evidence_hash model_name verdict evidence",
    r"promotion_scoring": "model_name scoring",
    r"repost_card": "lang origin state",
    r"rollout": "model_name target run_key approved step probes evidence outcome",
    r"share_evidence": "workload scorer findings measured",
    r"stream_commit": "workload query_id end_offsets topic_ids counts reports",
    r"stream_incident": "workload kind subject told told_recovered",
    r"stream_lease": "workload holder",
    r"stream_loss": "workload topic",
    r"stream_monitor": "workload",
    r"stream_progress": "workload query_id run_id durations_ms status details",
    r"stream_restart": "workload",
    r"stream_wanted": "workload watched_by scorer",
    r"traffic_share": "workload shares changed_by reason",
    _RAW: "topic source_kind lang text_hash near_duplicate_group",
}
"""Columns that hold none: names, ids, hashes, numbers as JSON, what people type as a reason.

``rollout.probes`` are texts of ours; ``stream_commit.reports`` what sources say of themselves. Gate
evidence holds hashes, labels and probabilities; of a model server's refusal only the status is kept, as its
words may quote a post.
"""


def declared(prefix: str) -> Callable[[str, str], bool]:
    """Whether a column (table, column) is declared, for dataset versions of a prefix."""
    listed = [
        *((tables_, names) for place in PLACES for tables_, names in place.columns.items()),
        *FREE.items(),
    ]

    def is_declared(table: str, column: str) -> bool:
        return any(
            re.fullmatch(pattern.replace("{prefix}", re.escape(prefix)), table)
            and any(re.fullmatch(name, column) for name in names.split())
            for pattern, names in listed
        )

    return is_declared

"""The receipt of a run: for each place how many were found and removed, and what can't be removed at once."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from include.forgetting.search.sweep import Found
from include.settings import Settings

BACKUPS = "backups made before keep these posts until they are deleted; a restore forgets them again"
MODELS = "models that learned from them keep their weights; a training from now on does not have them"


@dataclass
class Receipt:
    """What one run did.

    Attributes:
        posts, authors: what was to be forgotten, reposts and the accounts' posts included.
        places: found and removed, by the place's name.
        kafka: by topic, when it is gone; what ``--now`` deleted.
        unread: files in the folders of the settings that are of no kind that is looked into.
        file: where the receipt lies as JSON; empty for a dry run.
    """

    by: str
    reason: str
    dry_run: bool
    posts: int = 0
    authors: int = 0
    places: dict[str, Found] = field(default_factory=dict)
    kafka: dict[str, Any] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    file: str = ""

    @property
    def found(self) -> int:
        return sum(one.found for one in self.places.values())

    def content(self) -> dict[str, Any]:
        """As JSON has it."""
        told = asdict(self)
        told["started_at"] = self.started_at.isoformat(timespec="seconds")
        told["places"] = {name: one._asdict() for name, one in self.places.items()}
        return {**told, "backups": BACKUPS, "models": MODELS}

    def __str__(self) -> str:
        subject = f"{self.posts:,} posts and {self.authors:,} accounts"
        if not self.posts + self.authors:
            return "nothing is to be forgotten"
        if self.dry_run:
            first = f"{subject}: {self.found:,} found, nothing removed (a dry run)"
        elif not self.found:
            first = f"{subject}: 0 found in all places, forgotten already or never here"
        else:
            first = f"{subject} are forgotten: {self.found:,} found in all places"
        lines = [
            f"- {name}: {one.found:,} found, {one.removed:,} removed" for name, one in self.places.items()
        ]
        return "\n".join([first, *lines, *self._later()])

    def _later(self) -> list[str]:
        lines = [
            f"- Kafka, {topic}: gone by {told['gone_by']}"
            for topic, told in self.kafka.items()
            if "gone_by" in told
        ]
        if now := self.kafka.get("now"):
            lines.append(f"- Kafka, deleted now before {now['deleted_before'] or 'nothing'}")
            if now["still_needed_from"]:
                lines.append(f"- Kafka, still needed by a stream or build, from {now['still_needed_from']}")
        lines += [f"- not looked into: {name}" for name in self.unread[:10]]
        return [*lines, f"- {BACKUPS}", *([f"receipt: {self.file}"] if self.file else [])]


def keep(connection: psycopg.Connection, settings: Settings, receipt: Receipt) -> None:
    """Write the receipt into its table and its file, ``<state>/receipts/forgotten-<id>.json``."""
    row = connection.execute(
        "INSERT INTO forgetting_receipt (asked_by, reason, posts, authors, receipt, started_at)"
        " VALUES (%s, %s, %s, %s, %s, %s) RETURNING id",
        [
            receipt.by, receipt.reason, receipt.posts, receipt.authors, Jsonb(receipt.content()),
            receipt.started_at,
        ],
    ).fetchone()  # fmt: skip
    assert row is not None
    folder = settings.state_dir.absolute() / "receipts"
    folder.mkdir(parents=True, exist_ok=True)
    file: Path = folder / f"forgotten-{row[0]}.json"
    receipt.file = str(file)
    file.write_text(json.dumps(receipt.content(), indent=2, sort_keys=True) + "\n", encoding="utf-8")

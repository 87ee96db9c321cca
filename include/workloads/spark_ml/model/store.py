"""The stored versions: ``<models_dir>/spark_ml/<version>/``, and which of them is in service.

A version holds ``cross_validation/`` (the CrossValidatorModel), ``pipeline/`` (its best PipelineModel), the
contract between training and service, and a report. It appears whole; the file ``in_service.json`` beside
the versions names the one that the stream applies.
"""

from __future__ import annotations

import hashlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from include.errors import UserError
from include.model.registry.store import ModelStore
from include.settings import Settings, get_settings
from include.workloads.spark_ml.base.row import FEATURES, LABELS, MESSAGE_SCHEMA
from include.workloads.spark_ml.base.settings import spark_ml_settings

PIPELINE, CROSS_VALIDATION = "pipeline", "cross_validation"
CONTRACT_FILE = "contract.json"
IN_SERVICE_FILE = "in_service.json"


class OtherModel(UserError):
    """A stored model that this release can't apply: of other features, changed, or of another Spark."""


class PipelineStore(ModelStore):
    """The trained versions of this workload's model."""

    marker = CONTRACT_FILE
    filled_by = "train_spark_ml"

    def __init__(self, settings: Settings | None = None) -> None:
        settings = settings or get_settings()
        super().__init__(settings.model_copy(update={"model_name": spark_ml_settings().model_name}))

    def contract(self, version: int) -> dict[str, Any]:
        """What a version and those who apply it have to agree on.

        Raises:
            NoModel, OtherModel: see there.
        """
        file = self.path(version) / CONTRACT_FILE
        found = json.loads(file.read_text(encoding="utf-8"))
        for part, ours in contract().items():
            if found.get(part) != ours:
                raise OtherModel(
                    f"{file} has other {part} than this release: {found.get(part)} in place of {ours}; "
                    "train a model with this release"
                )
        return found

    def in_service(self) -> int | None:
        """The version that the stream applies; None before the first."""
        try:
            return int(json.loads((self.folder / IN_SERVICE_FILE).read_text(encoding="utf-8"))["version"])
        except FileNotFoundError:
            return None

    def put_into_service(self, version: int, reason: str) -> None:
        """Let the stream apply a version from its next batch on; an earlier one takes it back.

        Raises:
            NoModel, OtherModel: see there.
        """
        self.contract(version)
        entry = {"version": version, "since": datetime.now(UTC).isoformat(), "reason": reason}
        file = self.folder / IN_SERVICE_FILE
        written = file.with_name(f".{IN_SERVICE_FILE}.{os.getpid()}")
        written.write_text(json.dumps(entry, indent=2) + "\n", encoding="utf-8")
        written.replace(file)


def contract() -> dict[str, Any]:
    """The parts of a model's contract that follow from this release."""
    return {
        "features": list(FEATURES),
        "labels": {str(number): label for number, label in enumerate(LABELS)},
        "message_schema": MESSAGE_SCHEMA,
    }


def files_hash(folder: Path) -> str:
    """SHA-256, in hexadecimal digits, of the names and contents of the files below a folder."""
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()

"""Train one model version: events, split, fit, export, judge, report, store."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from include.model.registry.store import REPORT_FOLDER, ModelStore
from include.model.registry.versions import begin_version, complete_version
from include.settings import Settings, get_settings
from include.task_log import log_details, log_result
from include.workloads.higgs.base.settings import higgs_settings
from include.workloads.higgs.data.labelled import Labelled, labelled_events
from include.workloads.higgs.model.card import model_card
from include.workloads.higgs.model.fit import fit, fit_baseline
from include.workloads.higgs.model.network import PARAMETERS, export
from include.workloads.higgs.model.report import BASELINE, NETWORK, training_report, write_report
from include.workloads.higgs.model.served import ServedModel
from include.workloads.higgs.model.split import Parts, split


def train_higgs(
    version: int | str,
    settings: Settings | None = None,
    *,
    source: str = "synthetic",
    path: str | os.PathLike[str] | None = None,
    events: int = 40_000,
    epochs: int = 20,
    seed: int = 1,
) -> int:
    """Train on labelled events and store the model, with its report.

    Args:
        version: of the dataset: the seed of made-up events, a name for those of a file.
        source, path: see :func:`labelled_events`.
        events: how many to use at most.
        seed: of the weights and the batches.

    Returns:
        The model version: the number of its row in ``model_version`` and of its folder in the store.

    Raises:
        UnusableEvents, TooFewEvents, HiggsSettingsError: each says what to change; nothing is stored.
    """
    own, number = higgs_settings(), int(version)
    settings = (settings or get_settings()).model_copy(update={"model_name": own.model_name})
    parts = split(labelled_events(source, os.fspath(path) if path else None, events, number))
    store, model_version = ModelStore(settings), begin_version(settings, number)
    identity = {
        "model_name": own.model_name,
        "model_version": model_version,
        "dataset_version": number,
    }
    with store.staging(model_version) as folder:
        report = _train(identity, parts, folder, own.keep_probability, epochs=epochs, seed=seed)
    complete_version(settings, model_version, store.path(model_version), report)
    log_result(f"{own.model_name} {model_version} of dataset version {number}: {' '.join(report['verdict'])}")
    log_details("Model card", model_card(report))
    return model_version


def _train(
    identity: Mapping[str, Any], parts: Parts, folder: Path, keep: float, *, epochs: int, seed: int
) -> dict[str, Any]:
    """Fit, export and judge a model, and write its report into ``folder``; its metrics."""
    began = time.monotonic()
    fitted = fit(parts, epochs=epochs, seed=seed)
    export(fitted.network, folder, identity["model_version"], keep)
    test = parts.test.features
    answers = {NETWORK: ServedModel(folder).signal(test), BASELINE: fit_baseline(parts.train)(test)}
    training = {
        "parameters": PARAMETERS,
        "epochs": len(fitted.history["loss"]),
        "history": fitted.history,
        "seconds": round(time.monotonic() - began, 2),
        "seed": seed,
        "data_hash": data_hash(parts.train),
    }
    report = training_report(identity, parts, answers, training, keep)
    write_report(folder / REPORT_FOLDER, report, parts)
    return report


def data_hash(events: Labelled) -> str:
    """A hash of the events that were learned from, in their order."""
    digest = hashlib.sha256(events.features.tobytes())
    digest.update(events.signal.tobytes())
    return digest.hexdigest()

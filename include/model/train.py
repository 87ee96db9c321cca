"""Train, evaluate and store one model version."""

from __future__ import annotations

import hashlib
import json
import logging
import platform
import time
from collections.abc import Sequence
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import numpy as np

from include.database import connect
from include.datasets.tables import VersionTables
from include.model.card import model_card
from include.model.data import Data, Labelled, read_data
from include.model.export import SavedModel, export_model
from include.model.fit import Fitted, fit
from include.model.judges import KEYWORDS, MODEL, TFIDF, Scorer, judge, keyword_scores, verdict
from include.model.metrics import best_threshold
from include.model.plots import save_plots
from include.model.records import begin_version, complete_version
from include.model.store import ModelStore
from include.model.tfidf import TfidfRegression
from include.settings import Settings, get_settings

log = logging.getLogger(__name__)

TFIDF_FILE = "tfidf_lr.json"
SEEN_FILE = "trained_on.npy"


def train_classifier(
    version: int | str, settings: Settings | None = None, *, epochs: int = 12, seed: int = 1
) -> int:
    """Train on a dataset version's soft labels and put the result into the model store.

    Returns:
        The model version: the number of its row in ``model_version`` and of its folder in the store.

    Raises:
        MissingTable, TooFewLabels, Collapsed: each says what to run or to look at. Nothing is left
        in the store then, and the row of ``model_version`` stays without ``completed_at``.
    """
    settings = settings or get_settings()
    tables, store = VersionTables.of(version, settings), ModelStore(settings)
    with connect(settings) as connection:
        data = read_data(connection, tables, seed)
    number = begin_version(settings, tables.version)
    with store.staging(number) as folder:
        report = _train(data, folder, number, settings.model_name, tables.version, epochs=epochs, seed=seed)
    complete_version(settings, number, store.path(number), report)
    log.info("model version %s of dataset version %s\n%s", number, tables.version, model_card(report))
    return number


def _train(
    data: Data, folder: Path, number: int, model_name: str, dataset_version: int, *, epochs: int, seed: int
) -> dict[str, Any]:
    """Fit, export and judge the exported form; everything ends up in ``folder``."""
    began = time.monotonic()
    fitted = fit(data.train, data.dev, epochs=epochs, seed=seed)
    seconds = time.monotonic() - began
    tfidf = TfidfRegression.fit(data.train.texts, data.train.probabilities)
    export_model(fitted, folder, number)
    served = SavedModel(folder)
    scorers: dict[str, Scorer] = {
        MODEL: served.probabilities,
        KEYWORDS: keyword_scores,
        TFIDF: tfidf.probabilities,
    }
    thresholds = {
        MODEL: best_threshold(data.dev.labels, served.probabilities(data.dev.texts)),
        KEYWORDS: 0.5,
        TFIDF: best_threshold(data.dev.labels, tfidf.probabilities(data.dev.texts)),
    }
    judged = {rows.source: judge(rows, scorers, thresholds) for rows in (data.golden, data.weak) if rows}
    report = {
        "model_name": model_name,
        "model_version": number,
        "dataset_version": dataset_version,
        "verdict": _verdict(judged),
        "judged_by": "golden" if "golden" in judged else "weak",
        "golden": judged.get("golden"),
        "weak": judged.get("weak"),
        "threshold": thresholds[MODEL],
        "thresholds": thresholds,
        "threshold_chosen_on": data.dev_source,
        "training": _training(data, fitted, seconds),
        "counts": data.counts,
        "data_hash": _data_hash(data),
        "environment": _environment(),
    }
    _write(folder / "report", report, tfidf, data, scorers)
    return report


def _write(
    folder: Path, report: dict[str, Any], tfidf: TfidfRegression, data: Data, scorers: dict[str, Scorer]
) -> None:
    folder.mkdir()
    tfidf.save(folder / TFIDF_FILE)
    np.save(folder / SEEN_FILE, short_hashes(data.hashes), allow_pickle=False)
    text = json.dumps(report, indent=2, allow_nan=False, ensure_ascii=False)
    (folder / "metrics.json").write_text(text + "\n", encoding="utf-8")
    (folder / "model_card.md").write_text(model_card(report), encoding="utf-8")
    for rows in (data.golden, data.weak):
        if rows:
            _plot(folder, rows, scorers, report["threshold"])


def _plot(folder: Path, rows: Labelled, scorers: dict[str, Scorer], threshold: float) -> None:
    scores = {name: scorer(rows.texts) for name, scorer in scorers.items()}
    save_plots(folder, rows.source, rows.labels, scores, threshold)


def short_hashes(hashes: Sequence[str]) -> np.ndarray:
    """The first 64 bits of each text's hash, sorted: uint64[n]; enough to tell what was learned from.

    >>> short_hashes(["00000000000000ff" + "0" * 16]).tolist()
    [255]
    """
    return np.sort(np.array([int(text_hash[:16], 16) for text_hash in hashes], dtype=np.uint64))


def _verdict(judged: dict[str, Any]) -> list[str]:
    """Where a baseline wins comes first."""
    sentences = [sentence for source, found in judged.items() for sentence in verdict(found, source)]
    if "golden" not in judged:
        sentences.append("No golden labels for this dataset version: judged by weak labels only.")
    return sorted(sentences, key=lambda sentence: not sentence.startswith("The baseline"))


def _training(data: Data, fitted: Fitted, seconds: float) -> dict[str, Any]:
    return {
        "rows": len(data.train.texts),
        "positives": int(data.train.labels.sum()),
        "words": fitted.words.size,
        "epochs": len(fitted.history),
        "history": fitted.history,
        "seconds": round(seconds, 2),
        "seed": fitted.seed,
        "attempt": fitted.attempt,
        "learning_rate": fitted.learning_rate,
        "calibration": {"scale": fitted.scale, "shift": fitted.shift},
    }


def _data_hash(data: Data) -> str:
    """A hash of the posts and labels that were learned from."""
    digest = hashlib.sha256()
    for text_hash, probability in zip(data.hashes, data.train.probabilities, strict=True):
        digest.update(f"{text_hash} {probability:.9f}\n".encode())
    return digest.hexdigest()


def _environment() -> dict[str, str]:
    packages = {name: installed(name) for name in ("tensorflow-cpu", "keras", "numpy", "scikit-learn")}
    return {"python": platform.python_version(), **packages}

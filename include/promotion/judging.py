"""The rows a candidate is judged on, and its and the champion's answers on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from include.database import connect
from include.datasets.tables import VersionTables, require_table
from include.model.answers import Answers, CrossFittedAnswers
from include.model.data import read_weak
from include.model.export import SavedModel
from include.model.golden import Golden, Labelled, read_golden
from include.model.judges import MODEL
from include.model.store import ModelStore
from include.promotion.errors import PromotionError
from include.promotion.gate import MIN_GOLDEN, MIN_GOLDEN_PER_CLASS, Decision, Scored, decide
from include.settings import Settings

ODD_TEXTS = (
    "",
    " ",
    "🤖🧠👩‍💻",
    "תוכנה ובינה מלאכותית #AI",
    "الذكاء الاصطناعي",
    "人工知能と機械学習",
    "RT @user: #MachineLearning https://t.co/abc",
    "data " * 2_000,
    "\u0000\ufffd\u202e",
)
"""What real streams hold besides sentences; a server must answer them as the model itself does."""
SAMPLE = 64


@dataclass
class Evidence:
    """Everything the gate saw, and what the rollout will be proven with."""

    decision: Decision | None
    texts: list[str]
    expected: np.ndarray


def judge_candidate(version: int, champion: int | None, settings: Settings) -> Evidence:
    """Score candidate and champion on the same rows, and decide.

    Raises:
        PromotionError: there is nothing to judge by.
        NoModel: the candidate isn't in the store.
    """
    store = ModelStore(settings)
    rows = _rows(store.metrics(version)["dataset_version"], settings)
    try:
        model = SavedModel(store.path(version))
    except (OSError, ValueError, RuntimeError) as error:
        raise PromotionError(f"model version {version} can't be loaded from the store: {error}") from error
    scored = _scored(version, model, rows, store)
    rival = None if champion == version else champion
    behaviour = store.metrics(version).get("behaviour")
    decision = decide(rows.source, rows.labels, scored, _champion(rival, rows, store), rival, behaviour)
    texts = [*rows.texts[:SAMPLE], *ODD_TEXTS]
    return Evidence(decision, texts, model.probabilities(texts))


def expected_answers(version: int, settings: Settings) -> tuple[list[str], np.ndarray]:
    """Texts to ask a server for, and what the stored model itself says of them."""
    texts = [*ODD_TEXTS, "What a lovely day for tea", "New paper on deep learning #AI https://t.co/abc"]
    return texts, SavedModel(ModelStore(settings).path(version)).probabilities(texts)


def _champion(version: int | None, rows: Labelled, store: ModelStore) -> Scored | None:
    """The champion's answers, where they can be compared: golden rows, and a model still in the store."""
    if version is None or rows.source != "golden" or version not in store.versions():
        return None
    return _scored(version, SavedModel(store.path(version)), rows, store)


def _scored(version: int, model: SavedModel, rows: Labelled, store: ModelStore) -> Scored:
    """A model's answers; for golden rows it learned from, those of models that had not met them."""
    answers = Answers(model.probabilities(rows.texts), store.metrics(version)["threshold"])
    if isinstance(rows, Golden):
        kept = CrossFittedAnswers.load(store.report(version))
        answers = kept.instead_of(answers, MODEL, rows.hashes)
    return Scored(version, answers.probabilities, answers.threshold)


def _rows(dataset_version: int, settings: Settings) -> Labelled:
    """The version's golden rows where there are enough of both classes, else the weak test rows."""
    tables = VersionTables.of(dataset_version, settings)
    with connect(settings) as connection:
        require_table(connection, tables.deduplicated, "build_dataset")
        golden = read_golden(connection, tables)
        if golden and len(golden.labels) >= MIN_GOLDEN:
            rarer = min(golden.labels.sum(), (~golden.labels).sum())
            if rarer >= MIN_GOLDEN_PER_CLASS:
                return golden
        require_table(connection, tables.split("test"), "build_dataset")
        weak = read_weak(connection, tables)
    if weak is None:
        raise PromotionError(
            f"dataset version {dataset_version} has neither {MIN_GOLDEN} golden labels nor weak labels in "
            "its test table to judge by: run the DAG label_dataset for it, or label posts in the tagger"
        )
    return weak

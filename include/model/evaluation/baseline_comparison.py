"""The model and its baselines on the same rows, and which of them is better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from include.datasets.golden_set import Golden, Labelled
from include.lexicon.keywords import is_ai_text
from include.model.evaluation.predictions import Answers, CrossFittedAnswers, Scorer
from include.statistics.classification import evaluate, f1_difference

MODEL, KEYWORDS, TFIDF, GOLDEN_ONLY = "model", "keyword_rule", "tfidf_lr", "golden_only_tfidf_lr"
COMPARED = ("f1", "auc", "average_precision")


def keyword_scores(texts: Sequence[str]) -> np.ndarray:
    """1.0 where a text has an AI keyword, else 0.0; float64[n]."""
    return np.array([is_ai_text(text) for text in texts], dtype=np.float64)


def keyword_answers(texts: Sequence[str]) -> Answers:
    """The predictions of the word-boundary keyword rule."""
    return Answers(keyword_scores(texts), 0.5)


@dataclass(frozen=True)
class Comparison:
    """Predictions and metrics of the model and its baselines on one set of labels, by name."""

    rows: Labelled
    answers: dict[str, Answers]
    metrics: dict[str, Any]

    @property
    def verdict(self) -> list[str]:
        """See ``verdict``."""
        return verdict(self.metrics, self.rows.source)


def compare(
    rows: Labelled,
    scorers: Mapping[str, Scorer],
    thresholds: Mapping[str, float],
    kept: CrossFittedAnswers,
    hashes: Sequence[str] | None = None,
) -> Comparison:
    """Predict and measure the same rows with every scorer.

    Args:
        scorers, thresholds: by name.
        kept: predictions that are measured for golden rows the models learned from.
        hashes: of the rows' texts, where their labels are golden; default: those of golden rows.
    """
    answers = {name: Answers(scorer(rows.texts), thresholds[name]) for name, scorer in scorers.items()}
    if isinstance(rows, Golden):
        hashes = rows.hashes
    if hashes is not None:
        for name in kept.by_name.keys() & answers.keys():
            answers[name] = kept.instead_of(answers[name], name, hashes)
    return Comparison(rows, answers, metrics_by_name(rows.labels, answers))


def metrics_by_name(labels: np.ndarray, answers: Mapping[str, Answers]) -> dict[str, Any]:
    """Metrics of several predictions of the same rows, labels bool[n]."""
    return {name: evaluate(labels, given.probabilities, given.threshold) for name, given in answers.items()}


def difference_of_f1(labels: np.ndarray, answers: Mapping[str, Answers], name: str) -> dict[str, Any]:
    """The model's F1 minus that of a baseline on the same rows: ``{"point", "interval"}``."""
    point, interval = f1_difference(labels, answers[MODEL].predicted, answers[name].predicted)
    return {"point": point, "interval": list(interval)}


def verdict(metrics: Mapping[str, Any], source: str) -> list[str]:
    """Sentences on where a baseline is better, or that none is; by F1, AUC and average precision."""
    lost = []
    for name in metrics:
        for metric in COMPARED:
            ours, theirs = metrics[MODEL][metric], metrics[name][metric]
            if name != MODEL and ours is not None and theirs is not None and theirs > ours:
                lost.append(
                    f"The baseline {name} beats the model on {source} labels by {metric}: "
                    f"{theirs:.3f} against {ours:.3f}."
                )
    compared = "f1, auc or average_precision"
    return lost or [
        f"No baseline beats the model on {source} labels by {compared} (n={metrics[MODEL]['n']})."
    ]


def lost_first(sentences: Sequence[str]) -> list[str]:
    """The sentences of several verdicts, first those in which a baseline is better."""
    return sorted(sentences, key=lambda sentence: not sentence.startswith("The baseline"))

"""The model and its two baselines on the same rows, and what is said first of the comparison."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from include.model.data import Labelled
from include.model.metrics import evaluate
from include.posts.keywords import is_ai_text

Scorer = Callable[[Sequence[str]], np.ndarray]

MODEL, KEYWORDS, TFIDF = "model", "keyword_rule", "tfidf_lr"


def keyword_scores(texts: Sequence[str]) -> np.ndarray:
    """1.0 where a text has an AI keyword, else 0.0; float64[n]."""
    return np.array([is_ai_text(text) for text in texts], dtype=np.float64)


def judge(rows: Labelled, scorers: dict[str, Scorer], thresholds: dict[str, float]) -> dict[str, Any]:
    """Metrics of every scorer on the same rows, by its name."""
    return {
        name: evaluate(rows.labels, scorer(rows.texts), thresholds[name]) for name, scorer in scorers.items()
    }


def verdict(judged: dict[str, Any], source: str) -> list[str]:
    """Sentences on where a baseline wins, or that none does; by F1 and by AUC."""
    lost = []
    for name in (KEYWORDS, TFIDF):
        for metric in ("f1", "auc"):
            ours, theirs = judged[MODEL][metric], judged[name][metric]
            if ours is not None and theirs is not None and theirs > ours:
                lost.append(
                    f"The baseline {name} beats the model on {source} labels by {metric}: "
                    f"{theirs:.3f} against {ours:.3f}."
                )
    return lost or [f"No baseline beats the model on {source} labels by f1 or auc (n={judged[MODEL]['n']})."]

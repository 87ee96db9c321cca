"""The baseline that every model is compared with: logistic regression on TF-IDF.

Stored as plain JSON (words, weights): unlike a pickle, it executes nothing when it is read, and it
stays readable when scikit-learn's version changes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from include.baselines.calibration import Calibration
from include.text.characters import WORD
from include.text.letters import plain


@dataclass(frozen=True)
class TfidfRegression:
    """Words and pairs of words with their inverse document frequencies and weights, and a calibration."""

    vocabulary: dict[str, int]
    idf: np.ndarray
    weights: np.ndarray
    intercept: float
    calibration: Calibration = field(default_factory=lambda: Calibration(np.ones(1), 0.0))

    @classmethod
    def fit(
        cls, texts: Sequence[str], probabilities: np.ndarray, counts: np.ndarray | None = None
    ) -> TfidfRegression:
        """Fit on soft labels: each text counts as both classes, with its probability of each as weight.

        Args:
            counts: the weight of each text, float64[n]; default: 1.
        """
        counts = np.ones(len(texts)) if counts is None else counts
        vectorizer = _vectorizer()
        rows = vectorizer.fit_transform(texts)
        model = LogisticRegression(C=4.0, max_iter=500)
        from scipy.sparse import vstack

        classes = np.repeat([1, 0], len(texts))
        with threadpool_limits(1):  # threads only wait for each other on vectors of this size
            model.fit(
                vstack([rows, rows]),
                classes,
                sample_weight=np.concatenate([counts * probabilities, counts * (1 - probabilities)]),
            )
        vocabulary = {word: int(index) for word, index in vectorizer.vocabulary_.items()}
        return cls(vocabulary, vectorizer.idf_, model.coef_[0], float(model.intercept_[0]))

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """float64[n]."""
        return self.calibration(self.logits(texts)[:, None])

    def logits(self, texts: Sequence[str]) -> np.ndarray:
        """float64[n], before calibration."""
        vectorizer = _vectorizer(self.vocabulary)
        vectorizer.idf_ = self.idf
        return vectorizer.transform(texts) @ self.weights + self.intercept

    def calibrated(self, calibration: Calibration) -> TfidfRegression:
        """The same model with another calibration."""
        return replace(self, calibration=calibration)

    def save(self, path: Path) -> None:
        content = {
            "words": sorted(self.vocabulary, key=self.vocabulary.__getitem__),
            "idf": self.idf.tolist(),
            "weights": self.weights.tolist(),
            "intercept": self.intercept,
            "calibration": [float(self.calibration.weights[0]), self.calibration.shift],
        }
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> TfidfRegression:
        content = json.loads(path.read_text(encoding="utf-8"))
        vocabulary = {word: index for index, word in enumerate(content["words"])}
        scale, shift = content.get("calibration", (1.0, 0.0))
        calibration = Calibration(np.array([scale]), shift)
        idf, weights = np.array(content["idf"]), np.array(content["weights"])
        return cls(vocabulary, idf, weights, content["intercept"], calibration)


def _folded(text: str) -> str:
    """The text that other rules read, without case."""
    return plain(text).casefold()


def _vectorizer(vocabulary: dict[str, int] | None = None) -> TfidfVectorizer:
    return TfidfVectorizer(
        preprocessor=_folded,
        token_pattern=WORD,
        ngram_range=(1, 2),
        min_df=2 if vocabulary is None else 1,
        max_features=100_000 if vocabulary is None else None,
        sublinear_tf=True,
        vocabulary=vocabulary,
    )

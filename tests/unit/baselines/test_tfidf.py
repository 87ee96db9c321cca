"""The baseline: learns from soft labels, and comes back from its file as it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from include.baselines.tfidf import TfidfRegression

TEXTS = ["deep learning paper", "tea and cake", "a learning machine", "cake again"] * 5
SOFT = np.array([0.9, 0.1, 0.8, 0.05] * 5)


def test_learns_and_is_stored(tmp_path: Path) -> None:
    fitted = TfidfRegression.fit(TEXTS, SOFT)
    found = fitted.probabilities(["learning", "cake", "ÉCOLE", ""])
    assert found[0] > 0.5 > found[1]
    fitted.save(tmp_path / "tfidf.json")
    again = TfidfRegression.load(tmp_path / "tfidf.json")
    np.testing.assert_allclose(again.probabilities(TEXTS), fitted.probabilities(TEXTS), atol=1e-12)


def test_a_word_is_the_same_in_any_letters() -> None:
    fitted = TfidfRegression.fit(TEXTS, SOFT)
    found = fitted.logits(
        ["deep learning", "Ｄｅｅｐ 𝗹𝗲𝗮𝗿𝗻𝗶𝗻𝗴", "de\u00adep\xa0LEARNING", "(deep&nbsp;learning)"]
    )
    np.testing.assert_array_equal(found, found[:1].repeat(4))
    hindi = TfidfRegression.fit(["हिन्दी खबर", "हिन्दी"] * 5, np.array([0.9, 0.1] * 5))
    assert set(hindi.vocabulary) == {"हिन्दी", "खबर", "हिन्दी खबर"}

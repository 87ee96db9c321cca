"""Judge a stored model and its baselines by a file of golden labels.

    python -m include.model.evaluate --golden labels.jsonl [--model 3]

The file holds one JSON object a line, with ``id_str``, ``text`` and ``label`` (0 or 1). One JSON
object goes to standard output, and nothing else does: where a baseline wins its ``verdict`` says so.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from include.datasets.golden_files import read_labelled_texts
from include.errors import USER_ERROR_EXIT_CODE, UserError
from include.model.registry.provenance import quiet_stdout
from include.model.registry.store import ModelStore
from include.settings import Settings, get_settings

_SHOWN = ("n", "positives", "precision", "recall", "f1", "f1_interval", "auc", "average_precision")


def evaluate_model(
    texts: list[str], labels: np.ndarray, version: int | None, settings: Settings
) -> dict[str, Any]:
    """Metrics of a stored model (the latest one by default) and of the baselines stored with it.

    For texts whose golden label it learned from (``cross_fitted`` of them), the answers measured are
    those of models that had not met them. ``seen_in_training`` counts texts met with a weak label.
    """
    store = ModelStore(settings)
    version = store.latest() if version is None else version
    folder, report, thresholds = (
        store.path(version),
        store.report(version),
        store.metrics(version)["thresholds"],
    )
    from include.baselines.tfidf import TfidfRegression
    from include.model.evaluation.baseline_comparison import (
        KEYWORDS,
        MODEL,
        TFIDF,
        Scorer,
        judge,
        keyword_scores,
        verdict,
    )
    from include.model.evaluation.predictions import Answers, CrossFittedAnswers
    from include.model.registry.trained_on import seen
    from include.model.train import TFIDF_FILE
    from include.model.training.saved_model import SavedModel
    from include.posts.text import text_hash

    scorers: dict[str, Scorer] = {
        MODEL: SavedModel(folder).probabilities,
        KEYWORDS: keyword_scores,
        TFIDF: TfidfRegression.load(report / TFIDF_FILE).probabilities,
    }
    answers = {name: Answers(scorer(texts), thresholds[name]) for name, scorer in scorers.items()}
    kept, hashes = CrossFittedAnswers.load(report), [text_hash(text) for text in texts]
    for name in kept.by_name.keys() & answers.keys():
        answers[name] = kept.instead_of(answers[name], name, hashes)
    judged = judge(labels, answers)
    return {
        "verdict": verdict(judged, "golden"),
        **_shown(judged[MODEL]),
        "threshold": thresholds[MODEL],
        "model": version,
        "seen_in_training": int(seen(report, hashes).sum()),
        "cross_fitted": int(kept.learned(hashes).sum()),
        "baselines": {name: _shown(judged[name]) for name in (KEYWORDS, TFIDF)},
    }


def _shown(found: dict[str, Any]) -> dict[str, Any]:
    return {name: found[name] for name in _SHOWN}


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m include.model.evaluate", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--golden", type=Path, required=True, help="JSONL of id_str, text, label")
    parser.add_argument("--model", type=int, help="model version; default: the latest one")
    arguments = parser.parse_args(argv)
    try:
        with quiet_stdout():
            texts, labels = read_labelled_texts(arguments.golden)
            found = evaluate_model(texts, labels, arguments.model, get_settings())
    except UserError as error:
        print(f"evaluate: {error}", file=sys.stderr)
        return USER_ERROR_EXIT_CODE
    print(json.dumps(found, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Evaluate a stored model and its baselines on a file of golden labels.

    python -m include.model.evaluate --golden labels.jsonl [--model 3]

The file (or URL) has ``id_str``, ``text`` and ``label`` (0 or 1), as JSONL, CSV or parquet. One JSON
object, and nothing else, goes to standard output; its ``verdict`` names a baseline that is better.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from include.console.arguments import CommandParser, whole_number
from include.console.command import command, show
from include.console.progress import step
from include.infra.input_files.argument import existing_file

if TYPE_CHECKING:
    import numpy as np

    from include.settings import Settings

_SHOWN = ("n", "positives", "precision", "recall", "f1", "f1_interval", "auc", "average_precision")


def evaluate_model(
    texts: Sequence[str], labels: np.ndarray, version: int | None, settings: Settings
) -> dict[str, Any]:
    """Metrics of a stored model (by default the latest) and of the baselines stored with it.

    For texts whose golden label it learned from (``cross_fitted`` of them), the predictions measured are
    those of models that did not. ``seen_in_training`` counts texts that it learned from with a weak label.

    Args:
        labels: bool[n].

    Raises:
        NoModel: the store doesn't hold the version.
    """
    from include.model.registry.store import TFIDF_FILE, ModelStore

    store = ModelStore(settings)
    version = store.latest() if version is None else version
    report, thresholds = store.report(version), store.metrics(version)["thresholds"]

    # The version is there: only now TensorFlow is loaded.
    from include.baselines.tfidf import TfidfRegression
    from include.datasets.golden_set import Labelled
    from include.model.evaluation.baseline_comparison import KEYWORDS, MODEL, TFIDF, compare, keyword_scores
    from include.model.evaluation.predictions import CrossFittedAnswers
    from include.model.registry.trained_on import seen
    from include.model.training.saved_model import LoadedModel
    from include.posts.text import text_hash

    scorers = {
        MODEL: LoadedModel(store.path(version)).probabilities,
        KEYWORDS: keyword_scores,
        TFIDF: TfidfRegression.load(report / TFIDF_FILE).probabilities,
    }
    kept, hashes = CrossFittedAnswers.load(report), [text_hash(text) for text in texts]
    found = compare(Labelled("golden", texts, labels), scorers, thresholds, kept, hashes)
    return {
        "verdict": found.verdict,
        **_shown(found.metrics[MODEL]),
        "threshold": thresholds[MODEL],
        "model": version,
        "seen_in_training": int(seen(report, hashes).sum()),
        "cross_fitted": int(kept.learned(hashes).sum()),
        "baselines": {name: _shown(found.metrics[name]) for name in (KEYWORDS, TFIDF)},
    }


def _shown(metrics: dict[str, Any]) -> dict[str, Any]:
    return {name: metrics[name] for name in _SHOWN}


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The arguments, checked as far as they can be without the store."""
    by_make = {"--golden": "GOLDEN", "--model": "MODEL"}
    parser = CommandParser("include.model.evaluate", __doc__ or "", by_make)
    add = parser.add_argument
    add("--golden", type=existing_file, required=True, help="GOLDEN=: a file of id_str, text, label")
    add("--model", type=whole_number(1), help="MODEL=: the model version's number; the latest by default")
    return parser.parse_args(argv)


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Print one JSON object, and nothing else, to standard output."""
    given = parse(argv)
    from include.datasets.golden_files import read_labelled_texts
    from include.model.registry.provenance import quiet_stdout
    from include.settings import get_settings

    settings = get_settings()
    with quiet_stdout():
        texts, labels = read_labelled_texts(given.golden)
        with step("evaluating", settings.state_dir):
            found = evaluate_model(texts, labels, given.model, settings)
    show(json.dumps(found, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())

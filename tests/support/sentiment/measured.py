"""What evidence measures, as it is stored."""

from __future__ import annotations

from typing import Any

MEASURED: dict[str, Any] = {
    "versions": {"new": "vader", "old": "nltk"},
    "rows": {"nltk": 800, "vader": 200},
    "scored": 200,
    "compared": {
        "n": 1000, "agreement": 0.97, "agreement_interval": [0.958, 0.979], "kappa": 0.95,
        "mean_difference": 0.02, "different": 0.5, "shift": 0.03, "means": [0.1, 0.12], "correlation": 0.98,
    },
    "latency": {
        "new": {"n": 200, "p50": 1.0, "p95": 2.0, "p99": 3.0},
        "old": {"n": 200, "p50": 1.5, "p95": 2.5, "p99": 3.5},
    },
    "people": {
        "n": 4200, "new": 0.872, "new_interval": [0.865, 0.879], "old": 0.878,
        "old_interval": [0.871, 0.885], "difference": -0.006, "difference_interval": [-0.012, -0.001],
    },
}  # fmt: skip

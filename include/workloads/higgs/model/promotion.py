"""How promotion judges and verifies this model: by the events that its training held out.

An example is an event's JSON, as messages carry it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from include.errors import UserError
from include.model.registry.stored_model import StoredModel
from include.promotion.limits import PromotionLimits
from include.promotion.subjects.subject import EvaluationRows, Subject
from include.serving.examples import ExampleForm
from include.settings import Settings
from include.streaming.workload import Promotion
from include.workloads.higgs.base.events import FEATURES, LABELS, UNDEFINED
from include.workloads.higgs.data.messages import message
from include.workloads.higgs.data.synthetic import events
from include.workloads.higgs.decoding.decoder import decode
from include.workloads.higgs.model.contract import read_contract
from include.workloads.higgs.model.held_out import read_held_out

MOST_ROWS = 2000
"""Held-out events that judge a candidate: each is sent to both models as JSON, several times."""

LIMITS = {
    "min_golden": 200, "min_golden_per_class": 40, "min_precision": 0.5, "min_recall": 0.3,
    "min_minority_recall": 0.3, "min_f1": 0.4, "min_predicted_share": 0.02,
}  # fmt: skip
"""The floors of this model's gate. On real events of the challenge F1 lies about 0.7; made-up ones of few
epochs reach 0.5 to 0.6, and a network that has learned nothing keeps one class."""

_EDGES = (
    np.full(len(FEATURES), UNDEFINED), np.zeros(len(FEATURES)), np.full(len(FEATURES), 1e-300),
    np.full(len(FEATURES), 1e150), np.where(np.arange(len(FEATURES)) % 2, 1e-9, -1e9),
)  # fmt: skip

EDGE_CASES = tuple(message(number, features).decode() for number, features in enumerate(_EDGES))


def inputs(examples: Sequence[str]) -> Mapping[str, np.ndarray]:
    """Events' JSON as the request's inputs, read as the stream reads them: float64[n] by feature.

    Raises:
        UserError: one of them is no event.
    """
    found = decode(pa.array([one.encode() for one in examples], pa.binary()))
    if found.refused:
        place, reason = next(iter(found.refused.items()))
        raise UserError(f"example {place} is no event: {reason}")
    return {name: found.inputs.column(name).to_numpy() for name in FEATURES}


FORM = ExampleForm(inputs, LABELS[1], EDGE_CASES[0])


def held_out_rows(candidate: StoredModel, settings: Settings, limits: PromotionLimits) -> EvaluationRows:
    """The candidate's held-out events with their true labels.

    Which events are held out follows from the events alone, so no model of any version learned from them.

    Raises:
        OtherContract: the model was made for other features or labels.
    """
    read_contract(candidate.folder)
    found = read_held_out(candidate.report)
    found = found.take(np.arange(min(len(found), MOST_ROWS)))
    texts = [
        message(number, features).decode()
        for number, features in zip(found.ids.tolist(), found.features, strict=True)
    ]
    positives = int(found.signal.sum())
    enough = (
        len(texts) >= limits.min_golden
        and min(positives, len(texts) - positives) >= limits.min_golden_per_class
    )
    counts = {
        "golden": len(texts),
        "met_by_candidate": 0,
        "counted": len(texts),
        "counted_positives": positives,
    }
    hashes = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    return EvaluationRows(
        "golden" if enough else "weak", texts, found.signal, hashes, [None] * len(texts), counts
    )


def parts_of(example: str, _language: str | None) -> dict[str, str]:
    """The slice by the number of jets."""
    jets = inputs([example])["PRI_jet_num"][0]
    return {"jets": {0: "0", 1: "1"}.get(int(jets), "2 or more")}


def expected(folder: Path, examples: Sequence[str]) -> np.ndarray:
    """The stored model's own probabilities of signal: float64[n]. Loads TensorFlow."""
    from include.workloads.higgs.model.served import ServedModel

    columns = inputs(examples)
    return ServedModel(folder).signal(np.column_stack([columns[name] for name in FEATURES]))


def promotion() -> Promotion:
    """What ``promote_model`` is told."""
    made = [message(number, features).decode() for number, features in enumerate(events(64, seed=2026)[0])]
    subject = Subject(
        form=FORM, rows=held_out_rows, parts=parts_of, edge_cases=EDGE_CASES,
        probes=[*EDGE_CASES, *made], expected=expected,
    )  # fmt: skip
    return Promotion(subject, LIMITS)

"""What promotion is told of this model: the rows that judge it, and how an event travels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from include.errors import UserError
from include.model.registry.stored_model import StoredModel
from include.promotion.limits import PromotionLimits
from include.promotion.subjects.posts import POSTS
from include.promotion.subjects.registry import subject_named
from include.settings import Settings
from include.streaming.control.promoted import NotPromoted, promotion_settings
from include.workloads.higgs.base.events import FEATURES
from include.workloads.higgs.data.labelled import labelled_events
from include.workloads.higgs.model.card import model_card
from include.workloads.higgs.model.contract import OtherContract
from include.workloads.higgs.model.network import build, export
from include.workloads.higgs.model.promotion import EDGE_CASES, LIMITS, held_out_rows, inputs, promotion
from include.workloads.higgs.model.report import NETWORK, training_report, write_report
from include.workloads.higgs.model.split import split

pytestmark = pytest.mark.learning


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> StoredModel:
    """A version with random weights, and the report of a training."""
    folder = tmp_path_factory.mktemp("store") / "3"
    export(build(seed=1), folder, 3, keep=0.55)
    parts = split(labelled_events("synthetic", None, 2000, 1))
    answers = dict.fromkeys((NETWORK, "logistic_regression"), np.linspace(0, 1, len(parts.test)))
    identity = {"model_name": "higgs_mlp", "model_version": 3, "dataset_version": 1}
    history = {"loss": [0.7, 0.6], "val_loss": [0.65, 0.6]}
    training = {
        "parameters": 1,
        "epochs": 2,
        "history": history,
        "seconds": 1.0,
        "seed": 1,
        "data_hash": "ab",
    }
    report = training_report(identity, parts, answers, training, keep=0.55)
    write_report(folder / "report", report, parts)
    assert model_card(report).startswith("# higgs_mlp, version 3")
    return StoredModel(3, folder, report)


def test_the_held_out_events_judge_with_their_true_labels(stored: StoredModel, settings: Settings) -> None:
    rows = held_out_rows(stored, settings, PromotionLimits.model_validate(LIMITS))
    test = split(labelled_events("synthetic", None, 2000, 1)).test
    assert rows.source == "golden"
    assert np.array_equal(rows.labels, test.signal)
    columns = inputs(rows.texts)
    assert np.array_equal(np.column_stack([columns[name] for name in FEATURES]), test.features)
    assert rows.counts["counted_positives"] == test.signal.sum()
    few = held_out_rows(stored, settings, PromotionLimits(min_golden=10_000))
    assert few.source == "weak", "too few to pass"


def test_a_model_for_other_features_is_refused(
    stored: StoredModel, settings: Settings, tmp_path: Path
) -> None:
    with pytest.raises(OtherContract):
        held_out_rows(StoredModel(3, tmp_path, stored.metrics), settings, PromotionLimits())


def test_every_edge_case_is_answered_by_the_stored_model(stored: StoredModel) -> None:
    subject = promotion().subject
    found = subject.expected(stored.folder, EDGE_CASES)
    assert ((found >= 0) & (found <= 1)).all()
    jets = [subject.parts(probe, None)["jets"] for probe in subject.probes[len(EDGE_CASES) :]]
    assert set(jets) == {"0", "1", "2 or more"}
    with pytest.raises(UserError, match="example 0 is no event: PRI_met is missing"):
        inputs([EDGE_CASES[0].replace("PRI_met", "PRI_mat", 1)])


def test_promotion_knows_a_workloads_model_by_its_name(settings: Settings) -> None:
    ours = promotion_settings("higgs", settings)
    assert (ours.model_name, ours.gate_limits) == ("higgs_mlp", LIMITS)
    assert subject_named("higgs_mlp").form.output == "signal"
    main = promotion_settings("ai_tweets", settings)
    assert main.model_name == settings.model_name
    assert subject_named(main.model_name) is POSTS


def test_a_workload_without_a_model_is_told_those_that_have_one(settings: Settings) -> None:
    looking = settings.model_copy(update={"workloads_path": "tests/support/workloads"})
    with pytest.raises(NotPromoted, match=r"these have one: ai_tweets, higgs"):
        promotion_settings("numbers", looking)

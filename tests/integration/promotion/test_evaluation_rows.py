"""Which golden rows count as evidence for a candidate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from include.infra.postgres.connection import connect
from include.model.evaluation.baseline_comparison import MODEL
from include.model.evaluation.predictions import Answers, CrossFittedAnswers
from include.model.registry.store import ModelStore
from include.model.registry.stored_model import StoredModel
from include.model.registry.trained_on import save_seen
from include.posts.text import text_hash
from include.promotion.gate.checks import Verdict
from include.promotion.limits import PromotionLimits
from include.promotion.subjects.post_rows import evaluation_rows
from include.schema.dataset_tables import VersionTables
from include.settings import Settings
from tests.support.datasets.labelled_posts import add_golden, fill_version
from tests.support.models import tiny_models
from tests.support.models.model_in_store import DATASET_VERSION, POSTS, add_model
from tests.support.promotion.judged_models import check, gate_on

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("shared_scoring")]

NEAR = 7301
HASHES = [text_hash(text) for text, _ in POSTS]


def test_rows_that_the_candidate_met_do_not_count(gated: Settings, champion: int) -> None:
    def trained(folder: Path, version: int) -> None:
        tiny_models.classifier(folder, version)

    version = add_model(gated, DATASET_VERSION, trained)
    save_seen(ModelStore(gated).report(version), HASHES[:60])
    found = gate_on(gated, version, champion)
    rows = found.content["figures"]["rows"]
    assert (rows["golden"], rows["met_by_candidate"], rows["counted"]) == (150, 60, 90)
    assert found.content["figures"]["candidate"]["n"] == 90
    assert "60 more do not" in check(found, "golden_rows")["text"]


def test_near_duplicates_of_what_was_met_do_not_count(gated: Settings, tmp_path: Path) -> None:
    """Three pairs of near-duplicates: one met by a weak label, one by a golden one, one not at all."""
    (report := tmp_path / "report").mkdir()
    texts = [f"all about AI pair{pair} {side}" for pair in range(3) for side in ("left", "right")]
    hashes = [text_hash(text) for text in texts]
    with connect(gated) as connection:
        tables = VersionTables.of(NEAR, gated)
        fill_version(connection, tables, {"test": [(text, 0.9) for text in texts], "dev": []})
        for left, right in (hashes[0:2], hashes[2:4], hashes[4:6]):
            connection.execute(
                f"UPDATE {tables.deduplicated} SET near_duplicate_group = %s WHERE text_hash = %s",  # noqa: S608
                [left, right],
            )
        for text in texts[1::2]:
            add_golden(connection, text, 1)
        add_golden(connection, texts[2], 1)
    save_seen(report, hashes[:1])
    CrossFittedAnswers(hashes[2:3], {MODEL: Answers(np.array([0.9]), 0.5)}).save(report)
    enough = PromotionLimits(min_golden=1, min_golden_per_class=1)
    candidate = StoredModel(1, tmp_path, {"dataset_version": NEAR, "threshold": 0.5})
    rows = evaluation_rows(candidate, gated, enough)
    assert rows.counts == {"golden": 4, "met_by_candidate": 2, "counted": 2, "counted_positives": 2}
    assert rows.source == "weak", "no golden row of the other class"


def test_rows_learned_from_count_by_answers_of_models_that_had_not_met_them(
    gated: Settings, champion: int
) -> None:
    """The model itself is right on all of them; models that had not met them were wrong on each."""
    version = add_model(gated, DATASET_VERSION, tiny_models.classifier)
    wrong = np.array([1 - probability for _, probability in POSTS[:90]])
    CrossFittedAnswers(HASHES[:90], {MODEL: Answers(wrong, 0.5)}).save(ModelStore(gated).report(version))
    found = gate_on(gated, version, champion)
    assert found.verdict is Verdict.FAIL
    assert found.content["figures"]["cross_fitted"] == 90
    assert check(found, "mcnemar")["text"].startswith(
        "it alone is right on 0 rows and the champion alone on 90"
    )

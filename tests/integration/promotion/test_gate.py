"""The gate on a real server and a real database: each fault stops at its own check; all is written down."""

from __future__ import annotations

import json
from pathlib import Path
from unittest.mock import patch

import pytest

from include.infra.postgres.connection import connect
from include.model.registry.store import ModelStore
from include.model.registry.stored_model import StoredModel
from include.promotion.gate.checks import Verdict
from include.promotion.ledger.evidence import evidence_hash, read_evidence
from include.promotion.scoring.score import score
from include.promotion.workflow.tasks import apply_gate
from include.settings import Settings
from tests.support.models import tiny_models
from tests.support.models.model_in_store import DATASET_VERSION, POSTS, MakeModel, add_model
from tests.support.promotion.judged_models import check, judged, not_passed

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("shared_scoring")]


def test_an_equal_model_passes_and_all_is_written_down(gated: Settings, champion: int) -> None:
    found = judged(gated, champion, tiny_models.classifier)
    assert (found.verdict, not_passed(found)) == (Verdict.PASS, {})
    assert found.content["figures"]["candidate"]["n"] == len(POSTS)
    report = ModelStore(gated).report(found.model_version)
    kept = json.loads((report / "gate.json").read_text())
    assert kept.pop("evidence_hash") == found.evidence_hash == evidence_hash(kept)
    assert f"against version {champion}" in (report / "gate.md").read_text()
    kept_there = read_evidence(gated, found.evidence_hash)
    assert kept_there == found
    assert evidence_hash(kept_there.content) == found.evidence_hash
    assert not (gated.serving_dir / gated.model_name).exists(), "production was not touched"


def test_judging_a_scoring_again_gives_the_same_evidence(gated: Settings, champion: int) -> None:
    found = judged(gated, champion, tiny_models.classifier)
    assert apply_gate(found.content["scoring"], gated) == found
    with connect(gated) as connection:
        query = "SELECT count(*) FROM promotion_evidence WHERE scoring_id = %s"
        assert connection.execute(query, [found.content["scoring"]]).fetchone() == (1,)


def test_scoring_reads_each_model_from_the_store_once(gated: Settings, champion: int) -> None:
    candidate = StoredModel.read(add_model(gated, DATASET_VERSION, tiny_models.classifier), gated)
    with patch.object(ModelStore, "path", autospec=True, side_effect=ModelStore.path) as path:
        score(candidate, champion, gated)
    asked = [call.args[1] for call in path.call_args_list]
    assert asked == [champion] * 2, "for its folder and its metrics; the candidate was handed over"


@pytest.mark.parametrize(
    ("make", "first", "others"),
    [
        pytest.param(lambda folder, _: tiny_models.broken(folder), "loads", set(), id="never loads"),
        pytest.param(
            lambda folder, version: tiny_models.classifier(folder, version, odd=float("nan")),
            "probabilities",
            set(),
            id="nan for an empty text",
        ),
        pytest.param(
            lambda folder, version: tiny_models.classifier(folder, version, float("nan")),
            "probabilities",
            {"precision", "recall", "minority_recall", "f1", "predicted_share"}
            | {"f1_difference", "mcnemar", "slices"},
            id="nan for all",
        ),
        pytest.param(
            lambda folder, version: tiny_models.classifier(folder, version, 0.9),
            "behaviour_minimum",
            {"precision", "predicted_share", "f1_difference", "mcnemar", "slices"},
            id="constant",
        ),
        pytest.param(
            lambda folder, version: tiny_models.classifier(folder, version, ai=0.1, other=0.9),
            "behaviour_direction",
            {"behaviour_minimum", "precision", "recall", "minority_recall", "f1"}
            | {"f1_difference", "mcnemar", "slices"},
            id="inverted",
        ),
        pytest.param(
            lambda folder, version: tiny_models.classifier(folder, version, blind_to=".*number[0-9]*[05]"),
            "f1_difference",
            {"mcnemar", "slices"},
            id="worse on golden rows",
        ),
        pytest.param(
            lambda folder, version: tiny_models.classifier(folder, version, delay=600),
            "latency_ratio",
            set(),
            id="slow",
        ),
    ],
)
def test_a_fault_stops_at_its_own_check(
    gated: Settings, champion: int, make: MakeModel, first: str, others: set[str]
) -> None:
    """The first check that fails is the fault's own; what follows from it may fail too, and nothing else."""
    found = judged(gated, champion, make)
    assert found.verdict is Verdict.FAIL
    stopped = not_passed(found)
    assert next(iter(stopped)) == first
    assert stopped[first] == "FAIL"
    assert set(stopped) - {first} <= others
    assert check(found, first)["text"] in found.reasons


def test_one_that_is_too_big(gated: Settings, champion: int) -> None:
    def bulky(folder: Path, version: int) -> None:
        tiny_models.classifier(folder, version)
        (folder / "assets").mkdir(exist_ok=True)
        (folder / "assets" / "words").write_bytes(b"\0" * 2_000_000)

    strict = gated.model_copy(update={"gate_limits": {"max_megabytes": 1}})
    found = judged(strict, champion, bulky)
    assert not_passed(found) == {"size": "FAIL"}
    assert check(found, "size")["value"] > 2
    assert found.content["limits"]["max_megabytes"] == 1


def test_a_first_model_is_judged_without_comparison(gated: Settings) -> None:
    found = judged(gated, None, tiny_models.classifier)
    assert (found.verdict, found.champion) == (Verdict.PASS, None)
    assert "no model is in service" in check(found, "champion")["text"]


def test_few_golden_rows_are_inconclusive(gated: Settings, champion: int) -> None:
    few = gated.model_copy(update={"gate_limits": {"min_golden": 200}})
    found = judged(few, champion, tiny_models.classifier)
    assert not_passed(found) == {"golden_rows": "INCONCLUSIVE", "champion": "INCONCLUSIVE"}
    assert (check(found, "golden_rows")["value"], check(found, "golden_rows")["needed"]) == (150, 200)
    assert found.content["judged_by"] == "weak"


def test_a_champion_that_left_the_store_is_inconclusive(gated: Settings) -> None:
    found = judged(gated, 999_999, tiny_models.classifier)
    assert not_passed(found) == {"champion": "INCONCLUSIVE"}
    assert "no longer in the model store" in check(found, "champion")["text"]

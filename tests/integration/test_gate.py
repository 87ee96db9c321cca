"""The gate on a real server and a real database: faults stop at their own checks; all is written down."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from include.infra.postgres.connection import connect
from include.model.evaluation.baseline_comparison import MODEL
from include.model.evaluation.predictions import Answers, CrossFittedAnswers
from include.model.registry.store import ModelStore
from include.model.registry.trained_on import save_seen
from include.posts.text import text_hash
from include.promotion.approval import Answer, body, settle
from include.promotion.approved import Asked
from include.promotion.errors import PromotionRefused
from include.promotion.evidence import Judged, NoEvidence, evidence_hash, read_evidence
from include.promotion.gate.checks import Verdict
from include.promotion.judging import judge_scoring, score_candidate
from include.promotion.ledger import Entry, Ledger
from include.promotion.limits import GateLimits
from include.promotion.scoring.evaluation_rows import judging_rows
from include.promotion.tasks import judge, way_back
from include.schema.dataset_tables import VersionTables
from include.settings import Settings
from tests.support import tiny_models
from tests.support.labelled_posts import add_golden, fill_version
from tests.support.model_in_store import POSTS, add_model, fill

pytestmark = pytest.mark.stack

VERSION, NEAR = 7300, 7301
HASHES = [text_hash(text) for text, _ in POSTS]
Make = Callable[[Path, int], None]


@pytest.fixture(scope="module")
def gated(database: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A store and golden labels; production itself is not asked for anything."""
    folder = tmp_path_factory.mktemp("gated")
    settings = database.model_copy(
        update={
            "model_name": "gated_clf",
            "model_store": folder / "models",
            "serving_root": folder / "serving",
        }
    )
    fill(settings, VERSION)
    return settings


@pytest.fixture(scope="module")
def champion(gated: Settings) -> int:
    """In service by the ledger: right on every golden row."""
    version = add_model(gated, VERSION, tiny_models.classifier)
    Ledger(gated, "local").write(Entry("promote", None, version, "the first", "ann"), "promoted")
    return version


def judged(settings: Settings, champion: int | None, make: Make, dataset: int = VERSION) -> Judged:
    version = add_model(settings, dataset, make)
    return judge_scoring(score_candidate(version, champion, settings), settings)


def outcomes(found: Judged) -> dict[str, str]:
    return {c["name"]: c["outcome"] for c in found.content["checks"] if c["outcome"] != "PASS"}


def check(found: Judged, name: str) -> dict[str, Any]:
    (one,) = [one for one in found.content["checks"] if one["name"] == name]
    return one


def ledger(settings: Settings) -> list[tuple[Any, ...]]:
    with connect(settings) as connection:
        return connection.execute(
            "SELECT to_version, outcome, approver, reason, override FROM promotion "
            "WHERE model_name = %s ORDER BY id",
            [settings.model_name],
        ).fetchall()


def test_an_equal_model_passes_and_all_is_written_down(gated: Settings, champion: int) -> None:
    found = judged(gated, champion, tiny_models.classifier)
    assert (found.verdict, outcomes(found)) == (Verdict.PASS, {})
    assert found.content["figures"]["candidate"]["n"] == len(POSTS)
    report = ModelStore(gated).report(found.model_version)
    kept = json.loads((report / "gate.json").read_text())
    assert kept.pop("evidence_hash") == found.evidence_hash == evidence_hash(kept)
    assert f"against version {champion}" in (report / "gate.md").read_text()
    kept_there = read_evidence(gated, found.evidence_hash)
    assert kept_there == found
    assert evidence_hash(kept_there.evidence()) == found.evidence_hash
    assert not (gated.serving_dir / gated.model_name).exists(), "production was not touched"


def test_judging_a_scoring_again_gives_the_same_evidence(gated: Settings, champion: int) -> None:
    found = judged(gated, champion, tiny_models.classifier)
    assert judge_scoring(found.content["scoring"], gated) == found
    with connect(gated) as connection:
        query = "SELECT count(*) FROM promotion_evidence WHERE scoring_id = %s"
        assert connection.execute(query, [found.content["scoring"]]).fetchone() == (1,)


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
    gated: Settings, champion: int, make: Make, first: str, others: set[str]
) -> None:
    """The first check that fails is the fault's own; what follows from it may fail too, and nothing else."""
    found = judged(gated, champion, make)
    assert found.verdict is Verdict.FAIL
    stopped = outcomes(found)
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
    assert outcomes(found) == {"size": "FAIL"}
    assert check(found, "size")["value"] > 2
    assert found.content["limits"]["max_megabytes"] == 1


def test_a_first_model_is_judged_by_floors_alone(gated: Settings) -> None:
    found = judged(gated, None, tiny_models.classifier)
    assert (found.verdict, found.champion) == (Verdict.PASS, None)
    assert "no model is in service" in check(found, "champion")["text"]


def test_few_golden_rows_leave_it_open(gated: Settings, champion: int) -> None:
    few = gated.model_copy(update={"gate_limits": {"min_golden": 200}})
    found = judged(few, champion, tiny_models.classifier)
    assert outcomes(found) == {"golden_rows": "INCONCLUSIVE", "champion": "INCONCLUSIVE"}
    assert (check(found, "golden_rows")["value"], check(found, "golden_rows")["needed"]) == (150, 200)
    assert found.content["judged_by"] == "weak"


def test_a_champion_that_left_the_store_leaves_it_open(gated: Settings) -> None:
    found = judged(gated, 999_999, tiny_models.classifier)
    assert outcomes(found) == {"champion": "INCONCLUSIVE"}
    assert "no longer in the model store" in check(found, "champion")["text"]


def test_rows_that_the_candidate_met_are_no_proof(gated: Settings, champion: int) -> None:
    def trained(folder: Path, version: int) -> None:
        tiny_models.classifier(folder, version)

    version = add_model(gated, VERSION, trained)
    save_seen(ModelStore(gated).report(version), HASHES[:60])
    found = judge_scoring(score_candidate(version, champion, gated), gated)
    rows = found.content["figures"]["rows"]
    assert (rows["golden"], rows["met_by_candidate"], rows["counted"]) == (150, 60, 90)
    assert found.content["figures"]["candidate"]["n"] == 90
    assert "60 more do not" in check(found, "golden_rows")["text"]


def test_near_duplicates_of_what_was_met_are_no_proof(gated: Settings, tmp_path: Path) -> None:
    """Three pairs of near-duplicates: one met by a weak label, one by a golden one, one not at all."""
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
    save_seen(tmp_path, hashes[:1])
    CrossFittedAnswers(hashes[2:3], {MODEL: Answers(np.array([0.9]), 0.5)}).save(tmp_path)
    enough = GateLimits(min_golden=1, min_golden_per_class=1)
    rows = judging_rows(NEAR, tmp_path, gated, enough)
    assert rows.counts == {"golden": 4, "met_by_candidate": 2, "counted": 2, "counted_positives": 2}
    assert rows.source == "weak", "no golden row of the other class"


def test_rows_learned_from_count_by_answers_of_models_that_had_not_met_them(
    gated: Settings, champion: int
) -> None:
    """The model itself is right on all of them; models that had not met them were wrong on each."""
    version = add_model(gated, VERSION, tiny_models.classifier)
    wrong = np.array([1 - probability for _, probability in POSTS[:90]])
    CrossFittedAnswers(HASHES[:90], {MODEL: Answers(wrong, 0.5)}).save(ModelStore(gated).report(version))
    found = judge_scoring(score_candidate(version, champion, gated), gated)
    assert found.verdict is Verdict.FAIL
    assert found.content["figures"]["cross_fitted"] == 90
    assert check(found, "mcnemar")["text"].startswith(
        "it alone is right on 0 rows and the champion alone on 90"
    )


def test_a_refusal_is_in_the_ledger_unless_overridden(gated: Settings, champion: int) -> None:
    version = add_model(gated, VERSION, lambda folder, v: tiny_models.classifier(folder, v, 0.9))
    number = score_candidate(version, champion, gated)
    with pytest.raises(PromotionRefused, match="behavioural tests of minimum"):
        judge(number, Asked("ann", "try it"), gated)
    assert ledger(gated)[-1][:3] == (version, "refused", None)
    before = ledger(gated)
    asked = Asked("ann", "try it", "the champion is worse than nothing")
    overridden = judge(number, asked, gated)
    assert ledger(gated) == before
    approved = settle(overridden, asked, Answer(True, "bob", "agreed"), gated)
    assert approved is not None
    assert approved.override
    Ledger(gated, "local").write(Entry.of(approved, gated), "failed")
    assert ledger(gated)[-1] == (
        version,
        "failed",
        "bob",
        "try it; agreed; override of FAIL by ann: the champion is worse than nothing",
        True,
    )


def test_a_no_and_no_answer_are_in_the_ledger(gated: Settings, champion: int) -> None:
    found = judged(gated, champion, tiny_models.classifier)
    asked = Asked("ann", "try it")
    assert f"Evidence {found.evidence_hash}" in body(found, asked, gated)
    assert settle(found, asked, Answer(False, "bob", "not on a Friday"), gated) is None
    assert ledger(gated)[-1][1:4] == ("rejected", "bob", "not on a Friday")
    assert settle(found, asked, Answer(False), gated) is None
    assert ledger(gated)[-1][1:4] == ("rejected", None, "nobody answered in time")
    assert Ledger(gated, "local").in_service() == champion


def test_a_way_back_rests_on_the_evidence_of_the_promotion_it_returns_to(
    gated: Settings, champion: int
) -> None:
    ledger = Ledger(gated, "local")
    found = judged(gated, champion, tiny_models.classifier)
    asked = Asked("ann")
    approved = settle(found, asked, Answer(True, "bob"), gated)
    assert approved is not None
    ledger.write(Entry.of(approved, gated), "promoted")
    third = add_model(gated, VERSION, tiny_models.classifier)
    ledger.write(Entry("promote", found.model_version, third, "", None), "promoted")
    back = way_back(Asked("eve", "too many complaints"), gated)
    assert (back.action, back.model_version, back.previous) == ("rollback", found.model_version, third)
    assert (back.approver, back.evidence_hash) == ("eve", found.evidence_hash)
    ledger.write(Entry.of(back, gated), "promoted")
    with connect(gated) as connection:
        query = "SELECT evidence_hash FROM promotion WHERE model_name = %s ORDER BY id DESC LIMIT 1"
        row = connection.execute(query, [gated.model_name]).fetchone()
    assert row == (found.evidence_hash,)
    assert ledger.in_service() == found.model_version


@pytest.mark.parametrize("table", ["promotion", "promotion_scoring", "promotion_evidence"])
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET model_name = 'x'", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_the_proof_takes_no_change(gated: Settings, champion: int, table: str, statement: str) -> None:
    with connect(gated) as connection, pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        connection.execute(statement.format(table))  # type: ignore[arg-type]


def test_evidence_that_is_not_there_is_said(gated: Settings) -> None:
    with pytest.raises(NoEvidence, match="promote_model anew"):
        read_evidence(gated, "0" * 64)

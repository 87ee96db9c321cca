"""Events through the engine in plain processes: what the stream says is what the stored model says."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import numpy as np
import pytest
from pyarrow import parquet

from include.infra.processes.ports import free_ports
from include.model.registry.store import ModelStore
from include.settings import PROJECT_ROOT, Settings
from include.streaming.control.promoted import promotion_settings
from include.workloads.higgs.base.events import LABELS
from include.workloads.higgs.model.contract import read_contract
from include.workloads.higgs.model.served import ServedModel
from include.workloads.higgs.model.train import train_higgs
from include.workloads.higgs.samples import broken, event, features_of
from tests.integration.streaming.conftest import own_database
from tests.support.higgs import ATLAS_100000
from tests.support.models.model_server import model_server
from tests.support.promotion.whole_promotion import promote
from tests.support.streaming.stream import Stream

pytestmark = [pytest.mark.stack, pytest.mark.learning, pytest.mark.timeout(900)]

TOPIC = "higgs_test_in"
EVENTS = 6_000


@pytest.fixture(scope="module")
def higgs(database: Settings, kafka: Settings) -> Iterator[Stream]:
    """The workload with a model that went through the gate, the model server and the ledger."""
    own = own_database(database, "higgs_test", "higgs", serving_port=free_ports(1)[0])
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWEETSIEVE_HIGGS_TOPIC", TOPIC)
        config = own.serving_dir / "models.config"
        stack.enter_context(model_server(own.serving_port, config, own.logs_dir))
        version = train_higgs(0, own, events=8000, epochs=8)
        promoted = promote(version, promotion_settings("higgs", own), "ann", "the first")
        assert (promoted.outcome, promoted.verdict) == ("promoted", "PASS")
        yield Stream(own, "higgs", stack)


def run(stream: Stream) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.streaming.plain_runner", "higgs"],
        cwd=PROJECT_ROOT, env=stream.environment, check=False, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]


def test_every_event_is_scored_once_as_the_stored_model_scores_it(higgs: Stream) -> None:
    first = json.dumps(ATLAS_100000).encode()
    good = [(str(number), event(number)) for number in range(EVENTS)]
    bad = [(str(number), broken(number)) for number in range(7, 807, 100)]
    higgs.send(TOPIC, [("100000", first), *good, *bad])
    run(higgs)
    store = ModelStore(higgs.settings.model_copy(update={"model_name": "higgs_mlp"}))
    served = ServedModel(store.path(1))
    found, differs = [], 0.0
    files = sorted((higgs.settings.state_dir / "results" / "higgs").glob("*/*/*.parquet"))
    for file in map(parquet.ParquetFile, files):
        for group in range(file.num_row_groups):  # a row group holds what was one call of the model
            rows = file.read_row_group(group)
            numbers = rows.column("event_id").to_pylist()
            found += numbers
            known = [row for row, number in enumerate(numbers) if number < EVENTS]
            features = np.array([features_of(numbers[row]) for row in known])
            expected = served.outputs(features)
            if len(known) == len(numbers):
                assert np.array_equal(rows.column("signal").to_numpy(), expected["signal"]), "bit for bit"
                assert np.array_equal(rows.column("l2_norm").to_numpy(), expected["l2_norm"])
            differs = max(
                differs, float(np.abs(rows.column("signal").to_numpy()[known] - expected["signal"]).max())
            )
            kept = [LABELS[number] for number in expected["kept_class"]]
            assert [rows.column("kept_class")[row].as_py() for row in known] == kept
            for row in set(range(len(numbers))) - set(known):
                assert rows.column("l2_norm")[row].as_py() == 423.28783360616444
    assert sorted(found) == [*range(EVENTS), 100000]
    assert differs < 1e-6
    reasons = "SELECT array_agg(reason) FROM dead_letter WHERE workload = 'higgs'"
    kinds = ("DER_mass_vis is not finite", "EventId is no number", "PRI_met_sumet is missing", "not JSON")
    assert sorted(higgs.ask(reasons)) == sorted(2 * kinds)
    counted = "SELECT sum((counts->>'signal')::int + (counts->>'background')::int)::int FROM stream_commit"
    assert higgs.ask(counted) == EVENTS + 1


def test_training_leaves_what_a_person_judges_by(higgs: Stream) -> None:
    store = ModelStore(higgs.settings.model_copy(update={"model_name": "higgs_mlp"}))
    found = store.metrics(1)
    assert found["training"]["parameters"] == 1_018_002
    assert found["test"].keys() == {"network", "logistic_regression"}
    low, high = found["test"]["network"]["auc_interval"]
    assert low <= found["test"]["network"]["auc"] <= high
    assert {path.name for path in store.report(1).iterdir()} >= {
        "metrics.json", "model_card.md", "learning_curves.png", "held_out.parquet"
    }  # fmt: skip
    assert read_contract(store.path(1))["labels"] == {"0": "background", "1": "signal"}
    assert "1,018,002 parameters" in store.card(1)
    judged = "SELECT evidence->>'verdict' FROM promotion_evidence WHERE model_name = 'higgs_mlp'"
    assert higgs.ask(judged) == "PASS"
    assert higgs.ask("SELECT path FROM model_version WHERE model_name = 'higgs_mlp'") == str(store.path(1))

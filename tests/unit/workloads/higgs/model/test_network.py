"""The network as it is served: its size, the norm, the decision, the contract beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from include.workloads.higgs.base.events import EVENT_ID, FEATURES, LABELS
from include.workloads.higgs.data.synthetic import events
from include.workloads.higgs.model.contract import OtherContract, read_contract
from include.workloads.higgs.model.network import PARAMETERS, build, export, kept_class
from include.workloads.higgs.model.served import ServedModel
from tests.support.higgs import ATLAS_100000

pytestmark = pytest.mark.learning


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("higgs") / "7"
    export(build(seed=3), made, 7, keep=0.55)
    return made


@pytest.fixture(scope="module")
def served(folder: Path) -> ServedModel:
    return ServedModel(folder)


def test_it_has_the_published_number_of_parameters() -> None:
    network = build(seed=3)
    assert network.count_params() == PARAMETERS == 1_018_002
    sizes = [layer.count_params() for layer in network.layers if layer.count_params()]
    assert sizes == [15_500, 501_000, 500_500, 1_002]


def test_the_norm_of_a_published_event_is_exact_and_inside_the_saved_model(served: ServedModel) -> None:
    event = np.array([[ATLAS_100000[name] for name in FEATURES]])
    assert served.outputs(event)["l2_norm"].tolist() == [423.28783360616444]
    assert ATLAS_100000[EVENT_ID] == 100000.0


def test_only_the_direction_counts_and_zeros_are_answered(served: ServedModel) -> None:
    made = events(64, seed=1)[0]
    assert np.allclose(served.signal(made), served.signal(made * 2), atol=1e-6)
    zeros = served.outputs(np.zeros((1, len(FEATURES))))
    assert (zeros["l2_norm"][0], zeros["signal"][0] + zeros["background"][0]) == (0.0, pytest.approx(1.0))


def test_an_events_answer_does_not_depend_on_its_neighbours(served: ServedModel) -> None:
    """Up to float32's rounding: a batch of another size is multiplied in other blocks."""
    made = events(1000, seed=1)[0]
    whole = served.outputs(made)
    for size in (1, 7, 256):
        part = served.outputs(made[:size])
        assert np.array_equal(part["l2_norm"], whole["l2_norm"][:size])
        assert np.abs(part["signal"] - whole["signal"][:size]).max() < 1e-6
    assert set(whole["model_version"].tolist()) == {7}
    assert np.array_equal(whole["kept_class"], (whole["signal"] > whole["background"]).astype(int))


def test_the_first_sure_class_is_kept_else_the_most_probable() -> None:
    probabilities = np.array([[0.5, 0.3, 0.2], [0.2, 0.3, 0.5], [0.3, 0.4, 0.3], [0.2, 0.6, 0.2]], np.float32)
    assert kept_class(probabilities, 0.3).numpy().tolist() == [0, 1, 0, 1]
    assert kept_class(probabilities, 0.55).numpy().tolist() == [0, 2, 1, 1]


def test_features_and_labels_lie_beside_the_model_and_others_are_refused(
    folder: Path, tmp_path: Path
) -> None:
    found: dict[str, Any] = read_contract(folder)
    assert found["features"] == list(FEATURES)
    assert (
        found["labels"] == {"0": "background", "1": "signal"} == {str(i): one for i, one in enumerate(LABELS)}
    )
    other = tmp_path / "assets.extra" / "contract.json"
    other.parent.mkdir()
    other.write_text(
        (folder / "assets.extra" / "contract.json").read_text().replace('"1": "signal"', '"1": "other"')
    )
    with pytest.raises(OtherContract, match="other labels"):
        read_contract(tmp_path)
    with pytest.raises(OtherContract, match="train it again"):
        read_contract(tmp_path / "nowhere")

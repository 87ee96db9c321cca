"""Made-up events: repeatable, within what detectors see, undefined where the jets are missing."""

from __future__ import annotations

import numpy as np

from include.workloads.higgs.base.events import FEATURES, UNDEFINED
from include.workloads.higgs.data.synthetic import CHUNK, chunk, events

FEATURE = {name: place for place, name in enumerate(FEATURES)}


def test_a_seed_gives_the_same_events_however_many_are_drawn() -> None:
    many, labels = events(2 * CHUNK, seed=5)
    few, _ = events(10, seed=5)
    assert np.array_equal(many[:10], few)
    assert np.array_equal(chunk(5, 1)[0], many[CHUNK:])
    assert not np.array_equal(events(10, seed=6)[0], few)
    assert 0.25 < labels.mean() < 0.45


def test_what_needs_jets_is_undefined_without_them() -> None:
    made, _ = events(2 * CHUNK, seed=1)
    jets = made[:, FEATURE["PRI_jet_num"]]
    for number, names in (
        (1, ["PRI_jet_leading_pt", "PRI_jet_leading_eta"]),
        (2, ["PRI_jet_subleading_phi", "DER_mass_jet_jet", "DER_lep_eta_centrality", "DER_deltaeta_jet_jet"]),
    ):
        for name in names:
            assert np.array_equal(made[:, FEATURE[name]] == UNDEFINED, jets < number)
    assert np.isfinite(made).all()
    assert (made[jets == 0][:, FEATURE["PRI_jet_all_pt"]] == 0).all()


def test_the_derived_features_follow_from_the_primary_ones() -> None:
    made, _ = events(CHUNK, seed=2)
    of = {name: made[:, place] for name, place in FEATURE.items()}
    apart = np.cosh(of["PRI_tau_eta"] - of["PRI_lep_eta"]) - np.cos(of["PRI_tau_phi"] - of["PRI_lep_phi"])
    visible = np.sqrt(2 * of["PRI_lep_pt"] * of["PRI_tau_pt"] * apart)
    assert np.allclose(visible, of["DER_mass_vis"], rtol=2e-3, atol=0.1)
    assert np.allclose(
        of["DER_sum_pt"], of["PRI_lep_pt"] + of["PRI_tau_pt"] + of["PRI_jet_all_pt"], atol=0.01
    )

"""An event of the ATLAS Higgs challenge: its number, its 30 features in their order, and the two classes.

The names and the undefined value are those of the challenge's data set (opendata.cern.ch, record 328).
"""

from __future__ import annotations

EVENT_ID = "EventId"

FEATURES = (
    "DER_mass_MMC", "DER_mass_transverse_met_lep", "DER_mass_vis", "DER_pt_h", "DER_deltaeta_jet_jet",
    "DER_mass_jet_jet", "DER_prodeta_jet_jet", "DER_deltar_tau_lep", "DER_pt_tot", "DER_sum_pt",
    "DER_pt_ratio_lep_tau", "DER_met_phi_centrality", "DER_lep_eta_centrality", "PRI_tau_pt", "PRI_tau_eta",
    "PRI_tau_phi", "PRI_lep_pt", "PRI_lep_eta", "PRI_lep_phi", "PRI_met", "PRI_met_phi", "PRI_met_sumet",
    "PRI_jet_num", "PRI_jet_leading_pt", "PRI_jet_leading_eta", "PRI_jet_leading_phi",
    "PRI_jet_subleading_pt", "PRI_jet_subleading_eta", "PRI_jet_subleading_phi", "PRI_jet_all_pt",
)  # fmt: skip
"""All but the number, in the order of the data set."""

UNDEFINED = -999.0
"""A feature that has no meaning for this event, such as a second jet's angle where there is one jet. It is a
value like any other: the model learned with it."""

LABELS = ("background", "signal")
"""The label map: a class's name by its number."""

LARGEST_ID = 2**53
"""Above it, not every whole number is a float."""

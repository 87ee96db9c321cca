"""A row: 28 features of a collision event, as the UCI data set HIGGS names them, and what goes with them.

Source: Baldi, Sadowski and Whiteson 2014, archive.ics.uci.edu/dataset/280/higgs.
"""

from __future__ import annotations

FEATURES = (
    "lepton_pT", "lepton_eta", "lepton_phi", "missing_energy_magnitude", "missing_energy_phi",
    "jet_1_pt", "jet_1_eta", "jet_1_phi", "jet_1_btag", "jet_2_pt", "jet_2_eta", "jet_2_phi", "jet_2_btag",
    "jet_3_pt", "jet_3_eta", "jet_3_phi", "jet_3_btag", "jet_4_pt", "jet_4_eta", "jet_4_phi", "jet_4_btag",
    "m_jj", "m_jjj", "m_lv", "m_jlv", "m_bb", "m_wbb", "m_wwbb",
)  # fmt: skip
"""Numbers, in the order of the data set."""

LABEL = "label"
LABELS = ("background", "signal")
"""The label map: a class's name by its number."""

TRAINING_COLUMNS = (*FEATURES, LABEL)
"""The declared columns of a CSV file to learn from; all of them are numbers."""

EVENT_ID = "event_id"
STATUS = "status"
"""What the source says of the message: OK, or the error that it met."""

MESSAGE_SCHEMA = ", ".join([f"{EVENT_ID} bigint", f"{STATUS} string", *(f"{one} double" for one in FEATURES)])
"""The declared schema of a message's JSON, as Spark writes one."""

STATUS_FORM = r"^[A-Za-z0-9][A-Za-z0-9 _.:-]{0,63}$"
"""A status is shown to people and kept as an alert's subject: bounded, and of plain characters."""

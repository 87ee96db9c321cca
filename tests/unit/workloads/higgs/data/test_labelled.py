"""Events of files: the columns are found by name, and what is no such file is refused in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from include.workloads.higgs.base.events import FEATURES, UNDEFINED
from include.workloads.higgs.data.labelled import FAIR_NAMES, UnusableEvents, labelled_events
from include.workloads.higgs.data.synthetic import events


def atlas_file(folder: Path, labels: str = "sb", header: tuple[str, ...] = FEATURES[::-1]) -> Path:
    """A file whose features are in another order."""
    made, _ = events(len(labels), seed=1)
    place = {name: number for number, name in enumerate(FEATURES)}
    rows = [
        [str(100000 + row), *(str(made[row, place[name]]) for name in header if name in place), "0.5", label]
        for row, label in enumerate(labels)
    ]
    lines = [",".join(["EventId", *header, "Weight", "Label"]), *map(",".join, rows)]
    file = folder / "events.csv"
    file.write_text("\n".join(lines) + "\n")
    return file


def test_atlas_columns_are_found_by_name(tmp_path: Path) -> None:
    found = labelled_events("atlas", str(atlas_file(tmp_path)), 10, 0)
    assert np.array_equal(found.features, events(2, seed=1)[0])
    assert (found.ids.tolist(), found.signal.tolist()) == ([100000, 100001], [True, False])


def test_fair_universe_is_mapped_to_our_names(tmp_path: Path) -> None:
    theirs = [
        FAIR_NAMES.get(name, name) for name in FEATURES if name not in ("DER_mass_MMC", "PRI_met_sumet")
    ]
    file = tmp_path / "fair.csv"
    values = [str(number) for number in range(len(theirs))]
    values[theirs.index("PRI_jet_leading_pt")] = "-25"
    file.write_text(",".join([*theirs, "labels"]) + "\n" + ",".join([*values, "1"]) + "\n")
    found = labelled_events("fair_universe", str(file), 10, 0)
    event = dict(zip(FEATURES, found.features[0].tolist(), strict=True))
    assert event["PRI_tau_pt"] == theirs.index("PRI_had_pt")
    assert event["DER_mass_MMC"] == event["PRI_met_sumet"] == event["PRI_jet_leading_pt"] == UNDEFINED
    assert "mapped" in found.about
    assert found.signal.tolist() == [True]


@pytest.mark.parametrize(
    ("source", "labels", "complaint"),
    [
        ("atlas", "sx", "label 'x', which is neither s nor b"),
        ("fair_universe", "sb", "lacks the columns DER_deltar_had_lep"),
        ("synthetic", "sb", "leave it empty"),
        ("real", "sb", "none of: synthetic, atlas, fair_universe"),
    ],
)
def test_what_can_not_be_used_is_refused(tmp_path: Path, source: str, labels: str, complaint: str) -> None:
    with pytest.raises(UnusableEvents, match=complaint):
        labelled_events(source, str(atlas_file(tmp_path, labels)), 10, 0)
    with pytest.raises(UnusableEvents, match=r"needs a path|can't be read|leave it empty|none of"):
        labelled_events(source, None if source == "atlas" else str(tmp_path / "nothing"), 10, 0)


def test_the_published_rows_are_read(real_data: Path) -> None:
    folder = real_data / "higgs"
    atlas = labelled_events("atlas", str(folder / "atlas_5.csv"), 100, 0)
    assert (len(atlas), atlas.ids[0]) == (5, 100000)
    assert float(np.sqrt(sum(value**2 for value in atlas.features[0].tolist()))) == 423.28783360616444
    fair = labelled_events("fair_universe", str(folder / "fair_universe_1000.csv"), 2000, 0)
    assert len(fair) == 1000
    assert 0 < fair.signal.sum() < 1000

from __future__ import annotations

from pathlib import Path

import pytest

from include.workloads.spark_ml.base.row import TRAINING_COLUMNS
from include.workloads.spark_ml.data.lines import first_difference
from include.workloads.spark_ml.data.synthetic import write_csv

GOOD = ["0.5"] * 28 + ["1"]


def changed(place: int, value: str) -> str:
    return ",".join([*GOOD[:place], value, *GOOD[place + 1 :]])


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (",".join(GOOD), None),
        ("", None),
        (",".join(GOOD[:-1]), "line 9: 28 values for 29 columns"),
        (",".join([*GOOD, "1"]), "line 9: 30 values for 29 columns"),
        (changed(0, ""), "line 9, column lepton_pT: there is no value"),
        (changed(1, "1,5").replace("1,5", '"1,5"'), "line 9, column lepton_eta: '1,5' is no number"),
        (changed(2, "nan"), "line 9, column lepton_phi: 'nan' is not finite"),
        (changed(3, "1e999"), "line 9, column missing_energy_magnitude: '1e999' is not finite"),
        (changed(28, "2"), "line 9, column label: '2' is neither 0 nor 1"),
        (changed(4, "x" * 50), f"line 9, column missing_energy_phi: '{'x' * 40}…' is no number"),
    ],
)
def test_a_line_that_differs_is_told(line: str, why: str | None) -> None:
    assert first_difference(9, line) == why


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (list(TRAINING_COLUMNS), None),
        (list(TRAINING_COLUMNS[:-1]), "line 1: 28 columns, declared are 29"),
        ([*TRAINING_COLUMNS, "weight"], "line 1: 30 columns, declared are 29"),
        (["LEPTON_PT", *TRAINING_COLUMNS[1:]], "line 1: column 1 is 'LEPTON_PT', declared is 'lepton_pT'"),
    ],
)
def test_a_header_that_differs_is_told(names: list[str], why: str | None) -> None:
    assert first_difference(1, ",".join(names)) == why


def test_made_up_rows_are_such_a_file_and_the_same_again(tmp_path: Path) -> None:
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    write_csv(one, 300, 5)
    write_csv(other, 300, 5)
    lines = one.read_text().replace('"', "").splitlines()
    assert len(lines) == 301
    assert [why for number, line in enumerate(lines, 1) if (why := first_difference(number, line))] == []
    assert one.read_bytes() == other.read_bytes()


def test_the_real_rows_are_such_a_file(real_data: Path) -> None:
    with (real_data / "higgs" / "uci_higgs.csv").open() as lines:
        found = [first_difference(number, line.rstrip("\n")) for number, line in enumerate(lines, 1)]
    assert len(found) == 8_985
    assert not any(found)

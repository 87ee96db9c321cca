from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from include.errors import UserError
from include.workloads.spark_ml.base.row import FEATURES
from include.workloads.spark_ml.data.synthetic import rows, write_csv
from include.workloads.spark_ml.feed.produce import features, messages


def test_a_file_comes_again_and_again_and_one_row_of_so_many_reports_an_error(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    write_csv(file, 3, 1)
    sent = [json.loads(one) for one in itertools.islice(messages(features(file, 1), 4, "hot"), 8)]
    assert [one["event_id"] for one in sent] == list(range(8))
    assert [one["status"] for one in sent] == ["OK", "OK", "OK", "hot"] * 2
    values = [[one[name] for name in FEATURES] for one in sent]
    assert values[:3] == values[3:6]
    assert np.array_equal(values[:3], rows(3, 1)[0])


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(UserError, match="other columns"):
        features(file, 1)

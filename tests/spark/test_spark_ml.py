"""The pipeline of the workload spark_ml: what is read, refused, split, chosen and stored."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from include.workloads.spark_ml.base.row import TRAINING_COLUMNS
from include.workloads.spark_ml.data.messages import message
from include.workloads.spark_ml.data.synthetic import rows, write_csv
from include.workloads.spark_ml.data.training import OtherSchema, read_training
from include.workloads.spark_ml.model.judging import answers, of_folds, of_grid
from include.workloads.spark_ml.model.pipeline import Grid, parts
from include.workloads.spark_ml.model.report import PLOT_FILE, training_report, write_report
from include.workloads.spark_ml.model.train import choose, importances
from include.workloads.spark_ml.samples import broken, error
from include.workloads.spark_ml.stream.reading import read

pytestmark = pytest.mark.spark
ROW = message(1, rows(1, 1)[0][0])


def test_a_file_is_read_as_declared_or_its_first_other_line_is_told(
    spark: SparkSession, tmp_path: Path
) -> None:
    good = tmp_path / "good.csv"
    write_csv(good, 50, 1)
    assert read_training(spark, str(good)).count() == 50
    lines = good.read_text().splitlines()
    for name, changed, why in (
        ("text", [*lines[:7], lines[7].replace(lines[7].split(",")[0], "much", 1), *lines[8:]],
         "line 8, column lepton_pT: 'much' is no number"),
        ("label", [*lines[:5], lines[5].rpartition(",")[0] + ",7", *lines[6:]],
         "line 6, column label: '7' is neither 0 nor 1"),
        ("short", [*lines[:3], lines[3].rpartition(",")[0], *lines[4:]], "line 4: 28 values for 29 columns"),
        ("header", [lines[0].replace("lepton_eta", "eta"), *lines[1:]],
         "line 1: column 2 is 'eta', declared is 'lepton_eta'"),
    ):  # fmt: skip
        file = tmp_path / f"{name}.csv"
        file.write_text("\n".join(changed) + "\n")
        with pytest.raises(OtherSchema) as refused:
            read_training(spark, str(file))
        assert why in str(refused.value)


@pytest.mark.parametrize(
    ("content", "why"), [("", "is empty"), (",".join(TRAINING_COLUMNS) + "\n", "no rows")]
)
def test_a_file_without_rows_is_refused(spark: SparkSession, tmp_path: Path, content: str, why: str) -> None:
    file = tmp_path / "file.csv"
    file.write_text(content)
    with pytest.raises(OtherSchema, match=why):
        read_training(spark, str(file))


def test_a_file_that_is_not_there_is_told(spark: SparkSession) -> None:
    with pytest.raises(OtherSchema, match="can't be read"):
        read_training(spark, "/no/such.csv")


def test_the_real_rows_are_read(spark: SparkSession, real_data: Path) -> None:
    assert read_training(spark, str(real_data / "higgs" / "uci_higgs.csv")).count() == 8_984


def changed(old: bytes, new: bytes) -> bytes:
    assert old in ROW
    return ROW.replace(old, new, 1)


MESSAGES = [
    (ROW, None, None),
    (ROW[:-1] + b',"more":[1]}', None, None),
    (changed(b'"OK"', b'"sensor hot"'), None, "sensor hot"),
    (error("sensor silent"), "lepton_pT is missing", "sensor silent"),
    (broken(0), "no JSON of the declared schema", None),
    (broken(100), "m_bb is missing", None),
    (broken(200), "m_jj is not finite", None),
    (broken(300), "no JSON of the declared schema", None),
    (changed(b'"m_jj":', b'"m_jj":"NaN","was":'), "m_jj is not finite", None),
    (changed(b'"event_id":1', b'"event_id":null'), "event_id is missing", None),
    (changed(b'"OK"', b"null"), "status is missing", None),
    (changed(b'"OK"', b'"a\\u0000b"'), "status is no plain word of up to 64 characters", None),
    (changed(b'"OK"', b'"' + b"x" * 65 + b'"'), "status is no plain word of up to 64 characters", None),
    (changed(b'"OK"', b'"\xff"'), "status is no plain word of up to 64 characters", None),
    (b"", "empty", None),
    (None, "empty", None),
    (b"[]", "no JSON object", None),
    (b"\xff\xfe{", "no JSON object", None),
    (b'{"a":' * 2_000, "no JSON of the declared schema", None),
]


def test_each_message_is_read_or_refused_with_a_reason(spark: SparkSession) -> None:
    schema = "topic string, partition int, offset long, timestamp timestamp, key binary, value binary"
    now = datetime.now(UTC)
    given = [
        ("t", 0, place, now, None, None if value is None else bytearray(value))
        for place, (value, _, _) in enumerate(MESSAGES)
    ]
    found = read(spark.createDataFrame(given, schema), ("OK",)).orderBy("offset")
    answers = found.select("failed", "reported", "m_bb").collect()
    assert [(row.failed, row.reported) for row in answers] == [(why, told) for _, why, told in MESSAGES]
    assert all(row.m_bb == 0.0 for row in answers if row.failed)
    assert answers[0].m_bb == json.loads(ROW)["m_bb"]


def test_the_grid_is_searched_and_every_fold_is_judged(spark: SparkSession, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    write_csv(file, 1_500, 1)
    everything = read_training(spark, str(file)).repartition(3).cache()
    learned, held_out = parts(everything, seed=1, folds=3)
    again, _ = parts(read_training(spark, str(file)), seed=1, folds=3)
    assert learned.exceptAll(again).isEmpty(), "a part follows from the row, however the file is read"
    assert learned.count() + held_out.count() == 1_500
    chosen = choose(learned, 3, 1, Grid((20,), (2, 4)))
    points, folds = of_grid(chosen), of_folds(chosen, learned)
    assert [point["mean"] for point in points] == sorted((point["mean"] for point in points), reverse=True)
    assert sum(fold["n"] for fold in folds) == learned.count()
    assert sum(fold["auc"] for fold in folds) / 3 == pytest.approx(points[0]["mean"], abs=0.002)
    assert all(fold["auc"] > 0.6 for fold in folds)
    shares = importances(chosen)
    assert sum(shares.values()) == pytest.approx(1)
    told = sum(share for name, share in shares.items() if name.startswith("m_"))
    assert told > 0.5, "what the made-up rows differ in"
    training = {"path": "rows.csv", "rows_hash": "0", "folds": 3, "seed": 1, "metric": "areaUnderROC",
                "spark": spark.version, "seconds": 1.0}  # fmt: skip
    held = answers(chosen.bestModel, held_out)
    report = training_report(
        {"model_name": "spark_ml", "model_version": 1, "dataset_version": 1},
        {"learned": learned.count(), "held_out": held_out.count()},
        points, folds, held, shares, training, None,
    )  # fmt: skip
    write_report(tmp_path / "report", report, *held)
    written = {path.name: path.read_bytes() for path in (tmp_path / "report").iterdir()}
    assert written[PLOT_FILE].startswith(b"\x89PNG")
    assert json.loads(written["metrics.json"])["folds"] == folds
    assert b"| 3 |" in written["model_card.md"]

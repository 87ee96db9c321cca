"""Weak labels for a dataset version: vote, fit, choose, write, report."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psycopg

from include.datasets.clean import WEAK_LABEL_REPORT, weak_label_folder
from include.datasets.staging import hold_version
from include.infra.postgres.connection import connect
from include.labelling import error_buckets, report, review_queues
from include.labelling.functions import LABELLING_FUNCTIONS
from include.labelling.golden_posts import GoldenPosts, golden_posts
from include.labelling.label_models import FittedLabelModel, fit_label_model
from include.labelling.model_selection import ChosenLabeller, choose
from include.labelling.weak_label_tables import split_votes, write_labels
from include.lexicon.labels import ABSTAIN
from include.schema.dataset_tables import VersionTables, require_table
from include.schema.revision import require_current_schema
from include.settings import Settings, get_settings
from include.task_log import log_details, log_result


def label_dataset(version: int | str, settings: Settings | None = None) -> dict[str, Any]:
    """Fit on ``snorkel_train``, label all four splits, and store the report; all or nothing.

    The same tables and golden labels give exactly the same labels.

    Returns:
        version, method, reason, scores (of each method on golden labels), golden (how many outside and
        in test), counts per split, report (rows of ``labelling_report``), buckets (rows of
        ``labelling_bucket``), folder of the parquet files.

    Raises:
        MissingTable: a split is missing; the message names the DAG to run.
        VersionBusy: another run builds, labels or drops the version.
    """
    settings = settings or get_settings()
    tables = VersionTables.of(version, settings)
    with connect(settings) as connection:
        hold_version(connection, tables.version)
        require_current_schema(connection)
        for table in tables.splits.values():
            require_table(connection, table, "build_dataset")
        matrix = split_votes(connection, tables.split("snorkel_train"))
        golden = golden_posts(connection, tables)
        model = _fit(matrix)
        choice = choose(model, matrix, golden)
        functions = _table(matrix, golden)
        rows = [] if functions is None else report.rows(functions, model.weights() if model else None)
        report.store(connection, tables.version, rows, choice)
        errors = error_buckets.error_buckets(golden, choice.labeller)
        error_buckets.store(connection, tables.version, errors)
        folder = weak_label_folder(tables.version, settings)
        partial = _empty(folder.with_suffix(".partial"))
        counts = _write(connection, tables, choice, partial)
        told, tables_told = _told(choice, counts, len(golden)), _tables_told(functions, errors, choice)
        long = "\n".join(f"{title}:\n{text}\n" for title, text in tables_told.items())
        (partial / WEAK_LABEL_REPORT).write_text(f"{told}\n\n{long}", encoding="utf-8")
    _replace(partial, folder)
    log_result(f"version {tables.version}: {told}\nall of it: {folder / WEAK_LABEL_REPORT}")
    for title, text in tables_told.items():
        log_details(title, text)
    return {
        "version": tables.version,
        "method": choice.labeller.name,
        "reason": choice.reason,
        "scores": choice.scores,
        "golden": {"outside_test": len(golden), "test": golden.held_out},
        "counts": counts,
        "report": rows,
        "buckets": errors,
        "folder": str(folder),
    }


def _fit(matrix: np.ndarray) -> FittedLabelModel | None:
    """The label model, or None where no narrow function has a vote (a tiny dataset)."""
    narrow = [j for j, function in enumerate(LABELLING_FUNCTIONS) if not function.broad]
    return fit_label_model(matrix) if (matrix[:, narrow] != ABSTAIN).any() else None


def _table(matrix: np.ndarray, golden: GoldenPosts) -> pd.DataFrame | None:
    """The report on the labelling functions; None where there is no post to report on."""
    if not len(matrix):
        return None
    table = report.summary(matrix)
    return report.with_golden(table, golden.votes, golden.labels) if len(golden) else table


def _tables_told(
    table: pd.DataFrame | None, errors: list[dict[str, Any]], choice: ChosenLabeller
) -> dict[str, str]:
    """The long lists, by their titles."""
    told = {"Labelling functions on snorkel_train": "it is empty" if table is None else report.as_text(table)}
    if errors:
        told[f"Golden labels outside test against the {choice.labeller.name}"] = error_buckets.as_text(errors)
    return told


def _write(
    connection: psycopg.Connection, tables: VersionTables, choice: ChosenLabeller, folder: Path
) -> dict[str, dict[str, int]]:
    review_queues.clear(connection, tables.version)
    counts = {
        name: write_labels(connection, tables, name, choice.labeller, folder / f"{name}.parquet")
        for name in tables.splits
    }
    review_queues.add_doubtful(connection, tables)
    return counts


def _empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _replace(partial: Path, folder: Path) -> None:
    """Put the complete files in place, after the tables are committed."""
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)


def _told(choice: ChosenLabeller, counts: dict[str, dict[str, int]], golden: int) -> str:
    lines = [f"labels by {choice.reason}."]
    for name, scores in choice.scores.items():
        lines.append(f"- {name}: " + ", ".join(f"{key} {value:.4g}" for key, value in scores.items()))
    if not golden:
        lines.append("- no golden labels outside the test split: weak labels are unchecked")
    for name, count in counts.items():
        lines.append(f"- {name}: " + ", ".join(f"{key} {value}" for key, value in count.items()))
    return "\n".join(lines)

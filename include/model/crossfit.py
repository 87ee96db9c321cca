"""How good models trained on a dataset version are on golden posts they did not learn from, by cross-fitting.

    python -m include.model.crossfit --version 3 [--folds 5] [--seed 1] [--held-out labels.jsonl]

Near-duplicates stay in one fold; a fold's posts are measured by models that learned from weak labels
of other posts and from golden labels of other folds, with a threshold chosen within those. A file of
further labels (``id_str``, ``text``, ``label``) can be measured on as well; nothing learns from those. One
JSON object goes to standard output, and a report in Markdown into the model store.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from include.console.arguments import CommandParser, whole_number
from include.console.command import command, show
from include.console.progress import step
from include.errors import UserError
from include.infra.input_files.argument import existing_file
from include.schema.dataset_version import version_argument

if TYPE_CHECKING:
    import psycopg

    from include.datasets.golden_set import Golden
    from include.settings import Settings

EPOCHS = 12
LEAST_FOLDS, MOST_FOLDS = 3, 100
"""Thresholds are chosen within the other folds; and k folds take k + k (k - 1) / 2 fits."""


class TooFewGolden(UserError):
    """There are too few golden labels to cross-fit over."""


def crossfit_version(
    version: int | str,
    settings: Settings | None = None,
    *,
    folds: int | None = None,
    seed: int = 1,
    epochs: int = EPOCHS,
    held_out: str | Path | None = None,
) -> dict[str, Any]:
    """Cross-fit over a version's golden labels; writes JSON and Markdown into the store, returns the report.

    Args:
        folds: how many parts the golden posts are divided into, at least 3; 5 by default.
        seed: of the network. That of the folds is ``include.model.training.cross_fitting.SEED``, always.
        held_out: a file or URL of labels that are only measured on.

    Raises:
        LabelFileError, NothingHeldOut: of the held-out file.
        MissingTable, TooFewLabels: say which DAG to run.
        TooFewGolden: with the counts.
    """
    from include.datasets.golden_files import read_labelled_texts
    from include.infra.postgres.connection import connect
    from include.model.training.cross_fitting import FOLDS
    from include.model.training.data import read_data
    from include.schema.dataset_tables import VersionTables
    from include.settings import get_settings

    settings, began = settings or get_settings(), time.monotonic()
    tables, folds = VersionTables.of(version, settings), FOLDS if folds is None else folds
    further = read_labelled_texts(held_out) if held_out else None
    with connect(settings) as connection:
        data, held = read_data(connection, tables, seed), None
        golden = _require_enough(data.golden, tables.version, folds)

        # What is asked for can be done: only now TensorFlow is loaded.
        from include.model.evaluation.baseline_comparison import lost_first
        from include.model.registry.provenance import data_hash, environment
        from include.model.registry.store import ModelStore
        from include.model.reports.crossfit import save_report
        from include.model.training.classifier import fit_parts
        from include.model.training.golden_study import study_golden
        from include.model.training.held_out import figures, hold_out
        from include.model.training.inputs import read_inputs

        if further:
            data, held = hold_out(connection, tables, data, *further)
        labelled_by = _labelled_by(connection, tables.version)
    inputs = read_inputs(data.train.texts, data.dev.texts, golden.texts)
    parts = fit_parts(inputs, data.train, data.dev, epochs=epochs, seed=seed)
    study = study_golden(parts, data.train, golden, folds=folds)
    beside = figures(study, parts, data, held) if held else None
    report = {
        **study.figures(),
        "held_out": beside,
        "dataset_version": tables.version,
        "folds": folds,
        "seed": seed,
        "weak_rows": len(data.train.texts),
        "golden_rows": len(golden.texts),
        "golden_in_test": int(golden.in_test.sum()),
        "groups": len(set(golden.groups)),
        "weak_labels_by": labelled_by,
        "data_hash": data_hash(data.hashes, data.train.probabilities),
        "seconds": round(time.monotonic() - began, 1),
        "environment": environment(),
    }
    if beside:
        report["verdict"] = lost_first([*report["verdict"], *beside["verdict"]])
    report["report"] = str(save_report(report, ModelStore(settings).folder / "crossfit"))
    return report


def _require_enough(golden: Golden | None, version: int, folds: int) -> Golden:
    from include.datasets.golden_set import TO_LEARN_FROM

    if folds < LEAST_FOLDS:
        raise TooFewGolden(
            f"{folds} folds: give at least {LEAST_FOLDS}, thresholds are chosen within the others"
        )
    if golden is None or not golden.learnable.any():
        there = (
            0
            if golden is None
            else f"{len(golden.texts)}, {int((~golden.in_test).sum())} of them outside test"
        )
        raise TooFewGolden(
            f"version {version} has too few golden labels (there: {there}; needed outside its test split: "
            f"{TO_LEARN_FROM.labels}, {TO_LEARN_FROM.of_a_class} of each class): label posts in the tagger, "
            "or give the DAG collect_tweets a file of them (golden)"
        )
    if (groups := len(set(golden.groups))) < folds:
        raise TooFewGolden(
            f"{folds} folds are more than the {groups} groups of near-duplicates that version {version}'s "
            f"{len(golden.texts)} golden labels are of: give fewer folds"
        )
    return golden


def _labelled_by(connection: psycopg.Connection, version: int) -> dict[str, Any] | None:
    """Which labeller gave the version its weak labels; it may have been chosen on the same golden labels."""
    query = "SELECT method, reason FROM labelling_choice WHERE version = %s"
    row = connection.execute(query, [version]).fetchone()
    return {"method": row[0], "reason": row[1]} if row else None


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The arguments, checked as far as they can be without the database."""
    by_make = {"--version": "VERSION", "--folds": "FOLDS", "--held-out": "HELD"}
    parser = CommandParser("include.model.crossfit", __doc__ or "", by_make)
    add = parser.add_argument
    add("--version", type=version_argument, required=True, help="VERSION=: the dataset version")
    add("--folds", type=whole_number(LEAST_FOLDS, MOST_FOLDS), help="FOLDS=: at least 3; 5 by default")
    add("--seed", type=whole_number(0, 2**31 - 1), default=1, help="of the network; 1 by default")
    add("--held-out", type=existing_file, help="HELD=: a file of id_str, text, label, only measured on")
    return parser.parse_args(argv)


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Print one JSON object, and nothing else, to standard output."""
    given = parse(argv)
    from include.model.registry.provenance import quiet_stdout
    from include.settings import get_settings

    settings = get_settings()
    with quiet_stdout(), step(f"cross-fitting version {given.version}", settings.state_dir):
        found = crossfit_version(
            given.version, settings, folds=given.folds, seed=given.seed, held_out=given.held_out
        )
    show(json.dumps(found, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())

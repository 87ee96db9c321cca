"""The events that judge a model, kept in its report, so that promotion judges by the same ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from include.workloads.higgs.base.events import FEATURES
from include.workloads.higgs.data.labelled import Labelled

HELD_OUT_FILE = "held_out.parquet"


def save_held_out(report: Path, events: Labelled) -> None:
    """Write them into a model's report."""
    columns = {
        "event_id": events.ids,
        **{name: events.features[:, place] for place, name in enumerate(FEATURES)},
        "signal": events.signal,
    }
    parquet.write_table(pa.table(columns), report / HELD_OUT_FILE)


def read_held_out(report: Path) -> Labelled:
    """Those of a model's report.

    Raises:
        FileNotFoundError: it has none.
    """
    table = parquet.read_table(report / HELD_OUT_FILE)
    features = np.column_stack([table.column(name).to_numpy() for name in FEATURES])
    return Labelled(
        table.column("event_id").to_numpy(), features, table.column("signal").to_numpy(), "held out"
    )

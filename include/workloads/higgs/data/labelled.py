"""Events whose class is known, from a file or the generator: what a model learns from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

from include.errors import UserError
from include.workloads.higgs.base.events import EVENT_ID, FEATURES, UNDEFINED
from include.workloads.higgs.data import synthetic

SOURCES = ("synthetic", "atlas", "fair_universe")

FAIR_NAMES = {
    "DER_deltar_tau_lep": "DER_deltar_had_lep",
    "DER_pt_ratio_lep_tau": "DER_pt_ratio_lep_had",
    "PRI_tau_pt": "PRI_had_pt",
    "PRI_tau_eta": "PRI_had_eta",
    "PRI_tau_phi": "PRI_had_phi",
    "PRI_jet_num": "PRI_n_jets",
}
"""Our features that FAIR Universe calls otherwise. It has no DER_mass_MMC and no PRI_met_sumet: they are
undefined in every event that is made of its rows."""
FAIR_LACKS = ("DER_mass_MMC", "PRI_met_sumet")
FAIR_UNDEFINED = -25.0


class UnusableEvents(UserError):
    """A file that is not one of events."""


@dataclass(frozen=True)
class Labelled:
    """n events.

    Attributes:
        ids: int64[n].
        features: float64[n, 30], in the order of FEATURES.
        signal: bool[n].
        about: where they come from, for the model card.
    """

    ids: np.ndarray
    features: np.ndarray
    signal: np.ndarray
    about: str

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, places: np.ndarray) -> Labelled:
        """Some of them, in this order."""
        return Labelled(self.ids[places], self.features[places], self.signal[places], self.about)


def labelled_events(source: str, path: str | None, count: int, seed: int) -> Labelled:
    """Events of a source: made-up ones of a seed, or the first ones of a CSV file.

    Args:
        source: one of SOURCES.
        path: the file, for ``atlas`` and ``fair_universe``.

    Raises:
        UnusableEvents: no such source, no file, or none with the columns of its source.
    """
    if source not in SOURCES:
        raise UnusableEvents(f"source {source!r} is none of: {', '.join(SOURCES)}")
    if source == "synthetic":
        if path:
            raise UnusableEvents(f"path {path!r} is for the sources atlas and fair_universe; leave it empty")
        features, signal = synthetic.events(count, seed)
        return Labelled(np.arange(count), features, signal, f"{count} made-up events of seed {seed}")
    if not path:
        raise UnusableEvents(f"source {source} needs a path: the CSV file of its events")
    read = _atlas if source == "atlas" else _fair_universe
    found = read(_table(path), Path(path).name)
    return found.take(np.arange(min(count, len(found))))


def _atlas(table: pa.Table, name: str) -> Labelled:
    """The challenge's own file: EventId, the features, Weight, Label (s or b)."""
    columns = _columns(table, (EVENT_ID, *FEATURES, "Label"), name)
    features = np.column_stack([_numbers(columns[one], one, name) for one in FEATURES])
    labels = columns["Label"].cast(pa.string()).to_numpy(zero_copy_only=False)
    if strange := set(labels) - {"s", "b"}:
        raise UnusableEvents(
            f"{name} has the label {sorted(map(str, strange))[0]!r}, which is neither s nor b"
        )
    ids = _numbers(columns[EVENT_ID], EVENT_ID, name).astype(np.int64)
    return Labelled(ids, features, labels == "s", f"{len(ids)} events of the ATLAS challenge ({name})")


def _fair_universe(table: pa.Table, name: str) -> Labelled:
    """The later challenge's file, mapped to the names of the first; the events are numbered by row."""
    theirs = {one: FAIR_NAMES.get(one, one) for one in FEATURES if one not in FAIR_LACKS}
    columns = _columns(table, (*theirs.values(), "labels"), name)
    features = np.full((table.num_rows, len(FEATURES)), UNDEFINED)
    for place, one in enumerate(FEATURES):
        if one in theirs:
            values = _numbers(columns[theirs[one]], theirs[one], name)
            features[:, place] = np.where(values == FAIR_UNDEFINED, UNDEFINED, values)
    signal = _numbers(columns["labels"], "labels", name) == 1
    about = (
        f"{len(signal)} events of FAIR Universe ({name}) mapped to the challenge's names, "
        f"{' and '.join(FAIR_LACKS)} undefined in all of them"
    )
    return Labelled(np.arange(len(signal)), features, signal, about)


def _table(path: str) -> pa.Table:
    try:
        return csv.read_csv(path)
    except (OSError, pa.ArrowException) as problem:
        raise UnusableEvents(f"{path} can't be read as CSV: {problem}") from problem


def _columns(table: pa.Table, names: tuple[str, ...], file: str) -> Mapping[str, pa.ChunkedArray]:
    if missing := [name for name in names if name not in table.column_names]:
        raise UnusableEvents(f"{file} lacks the columns {', '.join(missing)}: is it a file of this source?")
    return {name: table.column(name) for name in names}


def _numbers(column: pa.ChunkedArray, name: str, file: str) -> np.ndarray:
    try:
        numbers = column.cast(pa.float64()).to_numpy()
    except pa.ArrowException as problem:
        raise UnusableEvents(f"column {name} of {file} holds what is no number: {problem}") from problem
    if not np.isfinite(numbers).all():
        raise UnusableEvents(f"column {name} of {file} has a row without a finite number")
    return numbers

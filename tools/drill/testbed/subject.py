"""The workload that a drill is about: whether it can be drilled, and which faults apply to it."""

from __future__ import annotations

from dataclasses import dataclass

from include.errors import UserError
from include.settings import Settings
from include.streaming.registry import workload_named
from include.streaming.samples import Samples
from include.streaming.scorer_choices import TfServing
from include.streaming.scorers.plan import scorer_name
from include.streaming.sink_choices import ToPostgres
from include.streaming.workload import Workload
from tools.drill.testbed.in_files import only_in_files


@dataclass(frozen=True)
class DrillSubject:
    """A workload with its samples.

    Attributes:
        asks_model_server: whether its scorer asks the settings' model server, which stands behind the drill's
            proxy.
    """

    workload: Workload
    samples: Samples
    asks_model_server: bool

    @property
    def name(self) -> str:
        return self.workload.name


def subject_named(name: str, settings: Settings) -> DrillSubject:
    """The workload, checked before anything is started.

    Raises:
        UserError: no such workload or scorer, no samples, or results that can't be accounted for.
    """
    workload = workload_named(name, settings)
    if workload.samples is None:
        raise UserError(f"workload {name} can't be drilled: declare its `samples` in its workload.py")
    in_database = any(isinstance(sink, ToPostgres) for sink in workload.sinks_of(settings))
    if not in_database and only_in_files(workload, settings) is None:
        raise UserError(
            f"workload {name} can't be drilled: its results are neither in the main database nor in parquet "
            "files"
        )
    if workload.transform is not None and workload.transform.drops:
        raise UserError(f"workload {name} can't be drilled: it drops messages, so none can be missed")
    scorer = workload.scorers.get(scorer_name(workload, settings))
    asks = isinstance(scorer, TfServing) and scorer.url(settings) == settings.model_url
    return DrillSubject(workload, workload.samples(), asks)

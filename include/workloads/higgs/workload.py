"""The workload of physics events: a Keras network on 30 features, in batches, every ten seconds."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from include.settings import Settings
from include.streaming.scorer_choices import Output, SavedModel, TfServing
from include.streaming.sink_choices import ToFiles
from include.streaming.workload import Promotion, Route, Trigger, Workload
from include.workloads.higgs.base.events import FEATURES, LABELS
from include.workloads.higgs.base.settings import HiggsSettings, higgs_settings
from include.workloads.higgs.decoding.decoder import decode
from include.workloads.higgs.demo import demo
from include.workloads.higgs.feed import PRODUCERS
from include.workloads.higgs.results import RESULTS
from include.workloads.higgs.samples import samples

BATCH = 4096
"""Events of one call of the model."""

INPUTS = {name: name for name in FEATURES}
OUTPUTS = (
    *(Output(label, type=pa.float32(), low=0.0, high=1.0) for label in LABELS),
    Output("kept_class", "kept_number", pa.int64(), low=0, high=len(LABELS) - 1),
    Output("l2_norm", low=0.0),
)
PROBE = dict.fromkeys(FEATURES, 1.0)


def topics(settings: Settings) -> tuple[str, ...]:
    return (higgs_settings().topic,)


def model_name(settings: Settings) -> str:
    return higgs_settings().model_name


def results_folder(settings: Settings) -> Path:
    """Where the parquet files are."""
    return higgs_settings().results or settings.state_dir.absolute() / "results" / "higgs"


def promotion() -> Promotion:
    from include.workloads.higgs.model.promotion import promotion

    return promotion()


WORKLOAD = Workload(
    "higgs",
    topics=topics,
    decode=decode,
    scorers={
        "saved_model": SavedModel(model_name, INPUTS, OUTPUTS, PROBE, batch=BATCH),
        "tf_serving": TfServing(
            model_name, INPUTS, OUTPUTS, PROBE, version_output="model_version", batch=BATCH, label="stable"
        ),
    },
    route=Route(None),
    results=RESULTS,
    sinks=(ToFiles(folder=results_folder),),
    trigger=Trigger("10 seconds", max_messages=400_000),
    promoted=True,
    promotion=promotion,
    producers=PRODUCERS,
    samples=samples,
    demo=demo,
    settings=HiggsSettings,
)

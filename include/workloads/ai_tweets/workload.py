"""The main workload: which posts are about AI, and which links they carry."""

from __future__ import annotations

from include.posts.source_errors import error_of
from include.posts.values.json_value import NotJson, load
from include.settings import Settings
from include.streaming.scorer_choices import Output, SavedModel, TfServing
from include.streaming.workload import Route, Workload
from include.workloads.ai_tweets.decoder import decode
from include.workloads.ai_tweets.live_feed import PRODUCERS
from include.workloads.ai_tweets.results import RESULTS
from include.workloads.ai_tweets.samples import samples

INPUTS = {"text": "text"}
PROBABILITY = Output("ai_prob", "probability", low=0.0, high=1.0)
PROBE = {"text": "A plain post that every model of ours has to answer"}


def topics(settings: Settings) -> tuple[str, ...]:
    """Both topics of posts, which may be one."""
    return tuple(dict.fromkeys((settings.ai_topic, settings.mix_topic)))


def model_name(settings: Settings) -> str:
    """The model that ``promote_model`` puts into service."""
    return settings.model_name


def source_error(raw: bytes) -> str | None:
    """The error that the source reports; what is no JSON is one as well, of unknown words."""
    try:
        return error_of(load(raw))
    except NotJson:
        return "an error in broken JSON"


WORKLOAD = Workload(
    "ai_tweets",
    topics=topics,
    decode=decode,
    scorers={
        "tf_serving": TfServing(
            model_name, INPUTS, (PROBABILITY,), PROBE, version_output="model_version", label="stable"
        ),
        "saved_model": SavedModel(model_name, INPUTS, (PROBABILITY,), PROBE),
    },
    route=Route("id"),
    results=RESULTS,
    source_error=source_error,
    producers=PRODUCERS,
    samples=samples,
    promoted=True,
)

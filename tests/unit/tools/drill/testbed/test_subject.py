"""Which workloads can be drilled, and by which faults."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from include.errors import UserError
from include.settings import Settings
from include.streaming.programs import Program
from include.streaming.registry import workload_named
from include.streaming.sink_choices import ToFiles, ToKafka
from include.streaming.workload import Transform
from tools.drill.faults.choice import FAULTS, OF_MODEL_SERVER, OF_SERVICES, SHORT, chosen_faults
from tools.drill.testbed import subject
from tools.drill.testbed.subject import DrillSubject, subject_named

AI_TWEETS = workload_named("ai_tweets")
SETTINGS = Settings(_env_file=None)


def declared(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    made = replace(AI_TWEETS, **changes)
    monkeypatch.setattr(subject, "workload_named", lambda name, settings: made)


def test_the_main_job_asks_the_model_server_unless_it_loads_the_model() -> None:
    loads = SETTINGS.model_copy(update={"stream_scorers": {"ai_tweets": "saved_model"}})
    assert subject_named("ai_tweets", SETTINGS).asks_model_server
    assert not subject_named("ai_tweets", loads).asks_model_server


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"samples": None}, "declare its `samples`"),
        ({"sinks": (ToFiles("csv"),)}, "neither in the main database nor in parquet"),
        ({"sinks": (ToKafka(lambda settings: "out"),)}, "neither in the main database nor in parquet"),
        (
            {
                "transform": Transform(lambda messages, settings: messages, drops=True),
                "decode": None, "scorers": {}, "route": None, "promoted": False,
            },
            "it drops messages",
        ),
    ],
)  # fmt: skip
def test_what_can_not_be_accounted_for_is_refused(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], complaint: str
) -> None:
    declared(monkeypatch, **changes)
    with pytest.raises(UserError, match=f"workload ai_tweets can't be drilled: .*{complaint}"):
        subject_named("ai_tweets", SETTINGS)


def test_only_what_can_happen_is_tried() -> None:
    main = subject_named("ai_tweets", SETTINGS)
    assert chosen_faults(main, None, short=False) == [name for name in FAULTS if name not in OF_SERVICES]
    assert chosen_faults(main, None, short=True) == list(SHORT)
    served = replace(AI_TWEETS, services=(Program("scorer", "some.scorer"),))
    other = DrillSubject(served, main.samples, asks_model_server=False)
    assert chosen_faults(other, None, short=False) == [name for name in FAULTS if name not in OF_MODEL_SERVER]
    with pytest.raises(UserError, match="model server: NaN: can't happen to workload ai_tweets"):
        chosen_faults(other, ["SIGTERM", "model server: NaN"], short=False)

"""The rollout's operator and trigger as Airflow keeps and moves them."""

from __future__ import annotations

import importlib


def test_the_trigger_is_made_anew_of_what_is_kept_of_it(dag_bag) -> None:
    from airflow.serialization.serialized_objects import BaseSerialization

    trigger = importlib.import_module("model_rollout").RolloutTrigger(3, "a_cluster")
    path, arguments = trigger.serialize()
    kept = BaseSerialization.deserialize(BaseSerialization.serialize(arguments))
    module, _, name = path.rpartition(".")
    assert getattr(importlib.import_module(module), name)(**kept).serialize() == (path, arguments)


def test_a_retry_follows_a_worker_that_was_killed(dag_bag) -> None:
    operator = importlib.import_module("model_rollout").ModelRollout(task_id="t", approved=[None])
    assert operator.retries > 0
    assert "approved" in operator.template_fields

"""Which stored version the stream applies: the latest trained, where it is no worse, or one by its number.

    python -m include.workloads.spark_ml.model.serving 12 --reason "version 13 sees too much signal"

The stream takes the version that is named with its next batch; no position is lost, and each row keeps the
version that answered. An earlier version takes it back.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from include.console.arguments import CommandParser, some_text, whole_number
from include.console.command import command, show
from include.errors import UserError
from include.model.registry.versions import latest_of_dataset
from include.settings import Settings, get_settings
from include.task_log import log_result
from include.workloads.spark_ml.base.settings import spark_ml_settings
from include.workloads.spark_ml.model.store import PipelineStore

IF_BETTER, ALWAYS, NO = CHOICES = ("if_better", "always", "no")


def serve_latest(settings: Settings, version: int, how: str) -> int | None:
    """Put the model that was trained last on a version of rows into service; the version that is there.

    Args:
        how: ``if_better``: unless it is worse than the one in service, on the same held-out rows, or not
            shown to be better than chance; ``always``; ``no``.

    Raises:
        UserError: none was trained of this version of rows.
    """
    own = settings.model_copy(update={"model_name": spark_ml_settings().model_name})
    store, candidate = PipelineStore(settings), latest_of_dataset(own, version)
    if candidate is None:
        raise UserError(f"no model was trained on version {version}: run the DAG train_spark_ml first")
    why_not = "it was not asked for" if how == NO else None
    if how == IF_BETTER:
        why_not = why_worse(store.metrics(candidate))
    if why_not:
        log_result(f"model version {candidate} is not put into service: {why_not}")
    else:
        store.put_into_service(candidate, f"trained on version {version}, {how}")
        log_result(f"model version {candidate} is in service")
    return store.in_service()


def why_worse(report: Mapping[str, Any]) -> str | None:
    """Why a candidate does not come into service, by its report; None where nothing speaks against it.

    >>> good, bad = ({"auc": auc, "auc_interval": [auc - 0.05, auc + 0.05]} for auc in (0.8, 0.52))
    >>> why_worse({"test": good, "in_service": None})
    >>> why_worse({"test": bad, "in_service": None})
    'ROC AUC 0.520 (from 0.470) is not shown to be better than chance'
    >>> why_worse({"test": bad | {"auc_interval": [0.51, 0.53]}, "in_service": {"version": 3, "auc": 0.8}})
    'ROC AUC 0.5200 is below the 0.8000 of version 3 on the same rows'
    """
    test, champion = report["test"], report["in_service"]
    low = test["auc_interval"][0]
    if low <= 0.5:
        return f"ROC AUC {test['auc']:.3f} (from {low:.3f}) is not shown to be better than chance"
    if champion and test["auc"] < champion["auc"]:
        return (
            f"ROC AUC {test['auc']:.4f} is below the {champion['auc']:.4f} of version {champion['version']}"
            " on the same rows"
        )
    return None


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Put a stored version into service."""
    parser = CommandParser("include.workloads.spark_ml.model.serving", __doc__)
    parser.add_argument("version", type=whole_number(1), help="a version of the model store")
    parser.add_argument("--reason", required=True, type=some_text, help="why, kept beside the version")
    options = parser.parse_args(argv)
    store = PipelineStore(get_settings())
    before = store.in_service()
    store.put_into_service(options.version, options.reason)
    show(f"model version {options.version} is in service; before it, {before or 'none'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

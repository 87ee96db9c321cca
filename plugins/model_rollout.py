"""The operator that rolls out an approved model version, and the trigger that waits for it.

Both are thin: the steps are those of ``include.promotion.rollout``, whose state is in the database. The
worker takes them and is released while there is something to wait for, the triggerer waits, and the retry of
a killed worker goes on with the same rollout.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowFailException
from airflow.triggers.base import BaseTrigger, TriggerEvent
from asgiref.sync import sync_to_async

from include.errors import UserError
from include.settings import get_settings
from include.task_log import Pace

if TYPE_CHECKING:
    from include.promotion.rollout.rollout import Rollout

CONNECTION = "kubernetes_default"
MAIN_JOB = "ai_tweets"
"""A trigger that an earlier release left waiting has no workload."""
POLL_SECONDS = 1.0


class ModelRollout(BaseOperator):
    """Brings an approved version into service, verified, or puts the previous one back.

    Args:
        approved: XComs of the tasks that may have approved it, as ``ApprovedPromotion.to_json`` returns
            them; exactly one has a value. Templated.
        workload: whose model. Templated.
        kubernetes_conn_id: for ``KubernetesHook``, where the target is a cluster. Without such a connection
            the setting TWEETSIEVE_KUBERNETES_CONFIG is used, or the pod's own account.
    """

    template_fields: Sequence[str] = ("approved", "workload")

    def __init__(
        self,
        *,
        approved: Sequence[Any],
        workload: str = MAIN_JOB,
        kubernetes_conn_id: str = CONNECTION,
        **kwargs: Any,
    ) -> None:
        super().__init__(**{"retries": 2, "retry_delay": timedelta(seconds=5), **kwargs})
        self.approved, self.workload = approved, workload
        self.kubernetes_conn_id = kubernetes_conn_id

    def execute(self, context: Context) -> int:
        """Begin, or go on with what this run has begun before.

        Raises:
            AirflowFailException: it was refused, or failed and was undone; a retry would not help.
        """
        from include.promotion.approved import ApprovedPromotion
        from include.promotion.rollout.start import start
        from include.promotion.targets.base import make_target
        from include.streaming.control.promoted import promotion_settings

        run_key = f"{context['dag'].dag_id} {context['run_id']}"
        try:
            approved = ApprovedPromotion.only(*self.approved)
            settings = promotion_settings(self.workload or MAIN_JOB)
            target = make_target(settings, _cluster(self.kubernetes_conn_id))
            return self._go_on(start(approved, settings, run_key, target=target))
        except UserError as error:
            raise AirflowFailException(str(error)) from error

    def go_on(self, context: Context, event: dict[str, Any]) -> int:
        """Go on when the trigger has fired.

        Raises:
            AirflowFailException: it failed and was undone.
        """
        try:
            return self._go_on(_rollout(event["rollout"], self.workload or MAIN_JOB, self.kubernetes_conn_id))
        except UserError as error:
            raise AirflowFailException(str(error)) from error

    def _go_on(self, rollout: Rollout) -> int:
        if not rollout.go_on():
            self.log.info("waiting: %s", rollout.waits_for)
            self.defer(
                trigger=RolloutTrigger(rollout.record.id, self.kubernetes_conn_id, self.workload or MAIN_JOB),
                method_name="go_on",
            )
        return rollout.result()


class RolloutTrigger(BaseTrigger):
    """Fires when the present step of a rollout has what it waits for, or never will.

    It holds only the record's number and the workload, so another triggerer can take over at any moment.
    """

    def __init__(self, rollout: int, kubernetes_conn_id: str = CONNECTION, workload: str = MAIN_JOB) -> None:
        super().__init__()
        self.rollout, self.kubernetes_conn_id, self.workload = rollout, kubernetes_conn_id, workload
        self._found: Rollout | None = None
        self._pace = Pace()

    def serialize(self) -> tuple[str, dict[str, Any]]:
        arguments = {
            "rollout": self.rollout,
            "kubernetes_conn_id": self.kubernetes_conn_id,
            "workload": self.workload,
        }
        return f"{type(self).__module__}.{type(self).__qualname__}", arguments

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look once a second, in a thread, since the server and the database may take seconds to answer."""
        while not await sync_to_async(self._settled, thread_sensitive=False)():
            await asyncio.sleep(POLL_SECONDS)
        yield TriggerEvent({"rollout": self.rollout})

    async def on_kill(self) -> None:
        """Undo the rollout where a person ends the task meanwhile."""
        await sync_to_async(self._take_back, thread_sensitive=False)()

    def _settled(self) -> bool:
        if self._found is None:
            self._found = _rollout(self.rollout, self.workload, self.kubernetes_conn_id)
        settled = self._found.look()
        step, waits_for = self._found.record.step, self._found.waits_for
        if self._pace.due((step, bool(waits_for))):  # a canary counts its seconds down
            self.log.info("%s, waiting: %s", step, waits_for or "no longer")
        return settled

    def _take_back(self) -> None:
        _rollout(self.rollout, self.workload, self.kubernetes_conn_id).take_back("a person ended the task")


def _rollout(number: int, workload: str, kubernetes_conn_id: str) -> Rollout:
    from include.promotion.rollout.rollout import Rollout
    from include.streaming.control.promoted import promotion_settings

    return Rollout.resume(number, promotion_settings(workload), _cluster(kubernetes_conn_id))


def _cluster(kubernetes_conn_id: str) -> Any:
    """The hook's client of the cluster; None where the target is no cluster."""
    settings = get_settings()
    if settings.promotion_target != "kubernetes":
        return None
    from airflow.providers.cncf.kubernetes.hooks.kubernetes import KubernetesHook

    config = None if settings.kubernetes_config is None else str(settings.kubernetes_config)
    return KubernetesHook(kubernetes_conn_id=kubernetes_conn_id, config_file=config).get_conn()

"""The model server's Deployment: rollouts of other versions, and back."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import Any

from include.promotion.errors import PromotionError
from include.promotion.targets.kubernetes.api import KubernetesApi
from include.promotion.targets.kubernetes.pods import is_of, keeps_failing, problem_of
from include.promotion.targets.kubernetes.state import (
    CONFIG_VOLUME,
    RECORDED,
    STABLE_VERSION,
    VERSIONS,
    DeploymentState,
    annotation,
    annotations_of,
)
from include.serving.config import CONFIG_FILE, ModelConfig, format_config

log = logging.getLogger(__name__)


class ModelDeployment:
    """One Deployment; every method is idempotent."""

    def __init__(self, name: str, api: KubernetesApi) -> None:
        self.name, self._api = name, api

    def read(self) -> DeploymentState:
        """Its present state.

        Raises:
            PromotionError: it is not there, may not be read, or no cluster answers.
        """
        return DeploymentState(self._api.deployment(self.name))

    def roll_out(self, config: ModelConfig, stable: int | None) -> str:
        """Roll out pods that read ``config``; returns what is awaited, nothing when no other pods are left.

        Raises:
            PromotionError: the pods can't get ready; says what they report.
        """
        text = format_config([config])
        name = f"{self.name}-models-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
        state, wanted = self.read(), annotations_of(config.versions, stable)
        if state.asks_for(name, wanted):
            return self._awaited(state, wanted)
        self._api.create_config_map(name, self._labels(state), {CONFIG_FILE: text})
        template = {
            "metadata": {"annotations": wanted},
            "spec": {"volumes": [{"name": CONFIG_VOLUME, "configMap": {"name": name}}]},
        }
        recorded = annotation(state.raw, RECORDED) if state.between else json.dumps(state.template)
        metadata = {"name": self.name, "annotations": {RECORDED: recorded}}
        self._api.apply_deployment(self.name, {"metadata": metadata, "spec": {"template": template}})
        log.info("rolling out model versions %s of %s", config.versions, self.name)
        return self._awaited(self.read(), wanted)

    def restore(self, *, wait: bool = True) -> str:
        """Put the recorded template back; nothing happens where none is recorded.

        Args:
            wait: whether to await its pods; those from before the first promotion never get ready.

        Returns:
            What is still awaited.
        """
        state = self.read()
        recorded = state.recorded
        if recorded is None:
            return ""
        if state.template != recorded:
            self._api.replace_in_deployment(self.name, "/spec/template", recorded)
            log.info("put the previous template of %s back", self.name)
            state = self.read()
        wanted = {name: annotation(recorded, name) for name in (VERSIONS, STABLE_VERSION)}
        return self._awaited(state, wanted) if wait else ""

    def _awaited(self, state: DeploymentState, wanted: dict[str, str]) -> str:
        if not state.observed:
            return f"the controller has not seen the new template of {self.name} yet"
        pods = self._api.pods(self._labels(state))
        new = [pod for pod in pods if all(is_of(pod, *annotated) for annotated in wanted.items())]
        if state.gave_up is not None:
            raise PromotionError(self._failure(new, wanted, state.gave_up))
        if state.complete and len(new) == len(pods):
            return ""  # the last pod with another configuration is gone, so none can answer
        if any(map(keeps_failing, new)):
            raise PromotionError(self._failure(new, wanted, "its pods do not stay up."))
        return f"the rollout of model versions {wanted[VERSIONS]} of {self.name} is under way"

    def _failure(self, pods: list[dict[str, Any]], wanted: dict[str, str], why: str) -> str:
        said = "; ".join(filter(None, map(problem_of, pods))) or "its pods report nothing"
        return f"the rollout of model versions {wanted[VERSIONS]} of {self.name} failed: {why} {said}"

    def _labels(self, state: DeploymentState) -> dict[str, str]:
        return state.raw["spec"]["selector"]["matchLabels"]

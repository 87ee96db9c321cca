"""The model server's Deployment: which versions its template asks for, and rollouts of other ones."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from typing import Any

from include.promotion.errors import PromotionError
from include.promotion.kubernetes_api import KubernetesApi
from include.promotion.kubernetes_pods import hopeless, is_of, told
from include.serving.config import ModelConfig, format_config

log = logging.getLogger(__name__)

VERSIONS = "tweetsieve/model-versions"
"""Annotation of the template: the versions its pods load, such as '3,4'."""
STABLE = "tweetsieve/stable-version"
"""Annotation of the template: the version under the label ``stable``."""
RECORDED = "tweetsieve/previous-template"
"""Annotation of the Deployment: the whole template that served before the rollout under way."""
CONFIG_VOLUME = "model-config"
CONFIG_FILE = "models.config"


@dataclass(frozen=True)
class State:
    """What a Deployment says of itself."""

    raw: dict[str, Any]

    @property
    def template(self) -> dict[str, Any]:
        return self.raw["spec"]["template"]

    @property
    def stable(self) -> int | None:
        return stable_of(self.template)

    @property
    def between(self) -> bool:
        """Whether a rollout was begun and neither finished nor taken back."""
        return annotation(self.template, VERSIONS) != annotation(self.template, STABLE)

    @property
    def recorded(self) -> dict[str, Any] | None:
        """The template from before the last rollout that was begun."""
        text = annotation(self.raw, RECORDED)
        return json.loads(text) if text else None

    @property
    def recorded_version(self) -> int | None:
        return stable_of(self.recorded) if self.recorded else None

    def asks_for(self, config_map: str, annotations: dict[str, str]) -> bool:
        """Whether new pods would read this configuration."""
        volumes = self.template["spec"].get("volumes", [])
        named = {volume["name"]: volume.get("configMap", {}).get("name") for volume in volumes}
        said = {name: annotation(self.template, name) for name in annotations}
        return named.get(CONFIG_VOLUME) == config_map and said == annotations

    @property
    def observed(self) -> bool:
        """Whether the status tells of the present template; until then it tells of the one before."""
        seen = self.raw.get("status", {}).get("observedGeneration", 0)
        return seen >= self.raw["metadata"]["generation"]

    @property
    def gave_up(self) -> str | None:
        """The controller's words, where it saw no progress within the deadline."""
        for condition in self.raw.get("status", {}).get("conditions", []):
            if condition["type"] == "Progressing" and condition.get("reason") == "ProgressDeadlineExceeded":
                return condition.get("message", "")
        return None

    @property
    def complete(self) -> bool:
        status, wanted = self.raw.get("status", {}), self.raw["spec"]["replicas"]
        counts = [status.get(name, 0) for name in ("updatedReplicas", "replicas", "availableReplicas")]
        return wanted > 0 and counts == [wanted] * 3


class ModelDeployment:
    """One Deployment; every method may be repeated without harm."""

    def __init__(self, name: str, api: KubernetesApi) -> None:
        self.name, self._api = name, api

    def read(self) -> State:
        """How it is.

        Raises:
            PromotionError: it is not there, may not be read, or no cluster answers.
        """
        return State(self._api.deployment(self.name))

    def roll_out(self, config: ModelConfig, stable: int | None) -> str:
        """Have pods that read ``config``, and only such ones; returns what there is to wait for.

        Raises:
            PromotionError: the pods can't get ready; says what they say.
        """
        text = format_config([config])
        name = f"{self.name}-models-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
        state, wanted = self.read(), described(config.versions, stable)
        if state.asks_for(name, wanted):
            return self._waits_for(state, wanted)
        self._api.create_config_map(name, self._labels(state), {CONFIG_FILE: text})
        template = {
            "metadata": {"annotations": wanted},
            "spec": {"volumes": [{"name": CONFIG_VOLUME, "configMap": {"name": name}}]},
        }
        recorded = annotation(state.raw, RECORDED) if state.between else json.dumps(state.template)
        metadata = {"name": self.name, "annotations": {RECORDED: recorded}}
        self._api.apply_deployment(self.name, {"metadata": metadata, "spec": {"template": template}})
        log.info("rolling out model versions %s of %s", config.versions, self.name)
        return self._waits_for(self.read(), wanted)

    def restore(self, *, wait: bool = True) -> str:
        """Have the recorded template back as it was; without one nothing was rolled out.

        Args:
            wait: until its pods are ready; those from before the first promotion never are.
        """
        state = self.read()
        recorded = state.recorded
        if recorded is None:
            return ""
        if state.template != recorded:
            self._api.replace_in_deployment(self.name, "/spec/template", recorded)
            log.info("%s has its previous template back", self.name)
            state = self.read()
        wanted = {name: annotation(recorded, name) for name in (VERSIONS, STABLE)}
        return self._waits_for(state, wanted) if wait else ""

    def _waits_for(self, state: State, wanted: dict[str, str]) -> str:
        if not state.observed:
            return f"the controller has not seen the new template of {self.name} yet"
        pods = self._api.pods(self._labels(state))
        new = [pod for pod in pods if all(is_of(pod, *annotated) for annotated in wanted.items())]
        if state.gave_up is not None:
            raise PromotionError(self._failure(new, wanted, state.gave_up))
        if state.complete and len(new) == len(pods):
            return ""  # the last pod with another configuration is gone: none can answer any more
        if any(map(hopeless, new)):
            raise PromotionError(self._failure(new, wanted, "its pods do not stay up."))
        return f"the rollout of model versions {wanted[VERSIONS]} of {self.name} is under way"

    def _failure(self, pods: list[dict[str, Any]], wanted: dict[str, str], why: str) -> str:
        said = "; ".join(filter(None, map(told, pods))) or "its pods say nothing"
        return f"the rollout of model versions {wanted[VERSIONS]} of {self.name} failed: {why} {said}"

    def _labels(self, state: State) -> dict[str, str]:
        return state.raw["spec"]["selector"]["matchLabels"]


def described(versions: tuple[int, ...], stable: int | None) -> dict[str, str]:
    """What a template says of its pods.

    >>> described((3, 4), 3)
    {'tweetsieve/model-versions': '3,4', 'tweetsieve/stable-version': '3'}
    """
    return {VERSIONS: ",".join(map(str, versions)), STABLE: "" if stable is None else str(stable)}


def annotation(thing: dict[str, Any], name: str) -> str:
    """An annotation's text; empty where there is none."""
    return ((thing.get("metadata") or {}).get("annotations") or {}).get(name, "")


def stable_of(template: dict[str, Any]) -> int | None:
    text = annotation(template, STABLE)
    return int(text) if text else None

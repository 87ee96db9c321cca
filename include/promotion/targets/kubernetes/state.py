"""What a Deployment of model servers says of itself: its template's versions, and how its rollout fares."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

VERSIONS = "tweetsieve/model-versions"
"""Annotation of the template: the versions its pods load, such as '3,4'."""
STABLE = "tweetsieve/stable-version"
"""Annotation of the template: the version under the label ``stable``."""
RECORDED = "tweetsieve/previous-template"
"""Annotation of the Deployment: the whole template that served before the rollout under way."""
CONFIG_VOLUME = "model-config"


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

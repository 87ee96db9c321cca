"""The state of a Deployment of model servers: its template's versions, and its rollout's progress."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

VERSIONS = "tweetsieve/model-versions"
"""Annotation of the template: the versions its pods load, such as '3,4'."""
STABLE_VERSION = "tweetsieve/stable-version"
"""Annotation of the template: the version under the label ``stable``."""
RECORDED = "tweetsieve/previous-template"
"""Annotation of the Deployment: the whole template that served before the rollout under way."""
CONFIG_VOLUME = "model-config"


@dataclass(frozen=True)
class DeploymentState:
    """A Deployment as the cluster's API returns it."""

    raw: dict[str, Any]

    @property
    def template(self) -> dict[str, Any]:
        return self.raw["spec"]["template"]

    @property
    def stable(self) -> int | None:
        return stable_of(self.template)

    @property
    def between(self) -> bool:
        """Whether a rollout was begun and neither finished nor undone."""
        return annotation(self.template, VERSIONS) != annotation(self.template, STABLE_VERSION)

    @property
    def recorded(self) -> dict[str, Any] | None:
        """The template from before the last rollout."""
        text = annotation(self.raw, RECORDED)
        return json.loads(text) if text else None

    @property
    def recorded_version(self) -> int | None:
        return stable_of(self.recorded) if self.recorded else None

    def asks_for(self, config_map: str, annotations: dict[str, str]) -> bool:
        """Whether new pods would read this configuration."""
        volumes = self.template["spec"].get("volumes", [])
        named = {volume["name"]: volume.get("configMap", {}).get("name") for volume in volumes}
        present = {name: annotation(self.template, name) for name in annotations}
        return named.get(CONFIG_VOLUME) == config_map and present == annotations

    @property
    def observed(self) -> bool:
        """Whether the status is that of the present template; until then it is that of the one before."""
        seen = self.raw.get("status", {}).get("observedGeneration", 0)
        return seen >= self.raw["metadata"]["generation"]

    @property
    def gave_up(self) -> str | None:
        """The controller's message, where it saw no progress within the deadline."""
        for condition in self.raw.get("status", {}).get("conditions", []):
            if condition["type"] == "Progressing" and condition.get("reason") == "ProgressDeadlineExceeded":
                return condition.get("message", "")
        return None

    @property
    def complete(self) -> bool:
        """Whether all pods are new and available."""
        status, wanted = self.raw.get("status", {}), self.raw["spec"]["replicas"]
        counts = [status.get(name, 0) for name in ("updatedReplicas", "replicas", "availableReplicas")]
        return wanted > 0 and counts == [wanted] * 3


def annotations_of(versions: tuple[int, ...], stable: int | None) -> dict[str, str]:
    """The annotations of a template whose pods load these versions.

    >>> annotations_of((3, 4), 3)
    {'tweetsieve/model-versions': '3,4', 'tweetsieve/stable-version': '3'}
    """
    return {VERSIONS: ",".join(map(str, versions)), STABLE_VERSION: "" if stable is None else str(stable)}


def annotation(thing: dict[str, Any], name: str) -> str:
    """An annotation's text; empty where there is none."""
    return ((thing.get("metadata") or {}).get("annotations") or {}).get(name, "")


def stable_of(template: dict[str, Any]) -> int | None:
    """The version under the label ``stable``; None where there is none."""
    text = annotation(template, STABLE_VERSION)
    return int(text) if text else None

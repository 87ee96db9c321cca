"""The Kubernetes target: a version comes into service by a rollout of the model server's Deployment.

The pods' model configuration is a ConfigMap named by its content, and the pod template names the ConfigMap.
So every change of models is a rollout, during which the old pods serve until new ones are ready, and a
rollback is a return to the template before it.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from include.promotion.subjects.registry import production_client
from include.promotion.targets.kubernetes.api import KubernetesApi
from include.promotion.targets.kubernetes.deployment import ModelDeployment
from include.promotion.targets.local.published import PublishedModels
from include.serving.client import ServingClient
from include.serving.config import STABLE, ModelConfig
from include.settings import Settings


class KubernetesTarget:
    """Models are published to a volume that is mounted here at ``serving_dir`` and in the pods at
    ``settings.kubernetes_models``; requests go to the Service at ``settings.model_url``."""

    name = "kubernetes"
    patience = 1800.0  # for a rollout with progress; without any, the Deployment's shorter deadline ends it

    def __init__(
        self, settings: Settings, api: KubernetesApi | None = None, client: ServingClient | None = None
    ) -> None:
        self._given_client = client
        self._settings, self._model = settings, settings.model_name
        self._base = f"{settings.kubernetes_models.rstrip('/')}/{settings.model_name}"
        self._published = PublishedModels(settings)
        self._deployment = ModelDeployment(
            settings.model_name.replace("_", "-"), api or KubernetesApi(settings)
        )
        self.url = settings.model_url

    @cached_property
    def _client(self) -> ServingClient:
        return self._given_client or production_client(self._settings, self.url)

    def require(self, client: ServingClient) -> None:
        """The Deployment must be there and readable; before the first promotion no pod of it is ready."""
        self._deployment.read()

    def current(self) -> int | None:
        """The version that the template names as the stable one; None before the first promotion."""
        return self._deployment.read().stable

    def publish(self, version: int, folder: Path) -> None:
        self._published.publish(version, folder)

    def published(self, version: int) -> Path:
        return self._published.path(version)

    def load(self, version: int) -> str:
        """Roll out pods that load the version beside the stable one.

        Raises:
            PromotionError: they can't get ready; says what they report.
            ServingError: they are ready, but the version failed to load.
        """
        stable = self.current()
        versions = tuple(sorted({version} if stable is None else {version, stable}))
        if waiting := self._roll_out(versions, stable):
            return waiting
        return "" if self._client.has(version) else f"version {version} is not AVAILABLE yet"

    def serve(self, version: int | None) -> str:
        """Roll out pods that load only this version; None: the template from before the first promotion.

        Raises:
            PromotionError: they can't get ready.
        """
        if version is None:
            return self._deployment.restore(wait=False)
        if self._deployment.read().recorded_version == version:
            waiting = self._deployment.restore()
        else:
            waiting = self._roll_out((version,), version)
        if waiting or self._client.serves(version):
            return waiting
        return f"version {version} does not answer yet"

    def withdraw(self, version: int) -> None:
        self._published.withdraw(version)

    def _roll_out(self, versions: tuple[int, ...], stable: int | None) -> str:
        labels = {} if stable is None else {STABLE: stable}
        return self._deployment.roll_out(ModelConfig(self._model, self._base, versions, labels), stable)

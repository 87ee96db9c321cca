"""What a target of promotions must be able to do, and the target that the settings name."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from include.promotion.errors import PromotionError
from include.serving.client import ServingClient
from include.settings import Settings


class RolloutTarget(Protocol):
    """A place where models serve.

    A rollout calls ``publish``, ``load`` (beside what serves) and, once the version is verified by its
    number, ``serve``. All are idempotent, and all may raise ``PromotionError``. ``load`` and ``serve`` don't
    wait: they return an empty text when what was asked for is done, else what is still awaited.
    """

    name: str
    patience: float
    """Seconds to wait for ``load`` or ``serve``, beside the time that a server may take to load a model."""

    @property
    def url(self) -> str:
        """Base URL of the server's REST API."""

    def require(self, client: ServingClient) -> None:
        """Raise ``PromotionError`` where nothing could be rolled out; changes nothing."""

    def current(self) -> int | None:
        """The version that production is configured to serve; None where there is none."""

    def publish(self, version: int, folder: Path) -> None:
        """Bring a model where the server could read it; nothing serves it yet."""

    def published(self, version: int) -> Path:
        """The folder of a published model, as this process sees it."""

    def load(self, version: int) -> str:
        """Have a version AVAILABLE beside the one that serves; the label ``stable`` stays where it is."""

    def serve(self, version: int | None) -> str:
        """Have exactly this version serve, under the label ``stable``; None: no version.

        Calls for the label are answered throughout, by the version before or by this one.
        """

    def withdraw(self, version: int) -> None:
        """Remove a published model."""


def make_target(settings: Settings, cluster: Any = None) -> RolloutTarget:
    """The target that the settings name.

    Args:
        cluster: a ``kubernetes.client.ApiClient``, where the caller has one; else the settings say how to
            reach the cluster.

    Raises:
        PromotionError: the settings name an unknown target.
    """
    if settings.promotion_target == "local":
        from include.promotion.targets.local.target import LocalTarget

        return LocalTarget(settings)
    if settings.promotion_target == "kubernetes":
        from include.promotion.targets.kubernetes.api import KubernetesApi
        from include.promotion.targets.kubernetes.target import KubernetesTarget

        return KubernetesTarget(settings, KubernetesApi(settings, cluster) if cluster else None)
    raise PromotionError(
        f"promotion target {settings.promotion_target!r} is unknown; known: local, kubernetes "
        "(setting TWEETSIEVE_PROMOTION_TARGET)"
    )

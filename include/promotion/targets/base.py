"""What a place of production must be able to do; one module per kind of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from include.promotion.errors import PromotionError
from include.serving.client import ServingClient
from include.settings import Settings


class RolloutTarget(Protocol):
    """Where models serve.

    A rollout is ``publish``, ``load`` (beside what serves), then, after proof by name, ``serve``. Each of
    them can be repeated without harm, and each may raise ``PromotionError``. ``load`` and ``serve`` return at
    once: an empty text when what was asked for is so, else what there is to wait for before asking again.
    """

    name: str
    patience: float
    """Seconds after which waiting for ``load`` or ``serve`` is given up, beside what the server may take."""

    @property
    def url(self) -> str:
        """Base URL of the server's REST API."""

    def require(self, client: ServingClient) -> None:
        """Stop with a ``PromotionError`` where nothing could be rolled out; changes nothing."""

    def current(self) -> int | None:
        """The version production is configured to serve; None where there is none."""

    def publish(self, version: int, folder: Path) -> None:
        """Bring a model where the server could read it; nothing serves it yet."""

    def load(self, version: int) -> str:
        """Have a version AVAILABLE beside the one that serves; the label ``stable`` stays where it is."""

    def serve(self, version: int | None) -> str:
        """Have exactly this version serve, under the label ``stable``; None: no version.

        Calls for the label are answered all the while, by the version before or by this one.
        """

    def withdraw(self, version: int) -> None:
        """Take a published model away again."""


def make_target(settings: Settings, cluster: Any = None) -> RolloutTarget:
    """The target that the settings name.

    Args:
        cluster: a ``kubernetes.client.ApiClient``, where the caller has one; else the settings say how to
            reach the cluster.

    Raises:
        PromotionError: it is none of ours.
    """
    if settings.promotion_target == "local":
        from include.promotion.targets.local import LocalTarget

        return LocalTarget(settings)
    if settings.promotion_target == "kubernetes":
        from include.promotion.targets.kubernetes.api import KubernetesApi
        from include.promotion.targets.kubernetes.target import KubernetesTarget

        return KubernetesTarget(settings, KubernetesApi(settings, cluster) if cluster else None)
    raise PromotionError(
        f"promotion target {settings.promotion_target!r} is unknown; known: local, kubernetes "
        "(setting TWEETSIEVE_PROMOTION_TARGET)"
    )

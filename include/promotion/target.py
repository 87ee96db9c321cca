"""What a place of production must be able to do; one module per kind of it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from include.promotion.errors import PromotionError
from include.serving.client import ServingClient
from include.settings import Settings


class RolloutTarget(Protocol):
    """Where models serve.

    A rollout is ``publish``, ``load`` (beside what serves), then, after proof by name, ``serve``.
    Each of them can be repeated without harm, and each may raise ``PromotionError``.
    """

    name: str

    @property
    def url(self) -> str:
        """Base URL of the server's REST API."""

    def require(self, client: ServingClient) -> None:
        """Stop with a ``PromotionError`` where nothing could be rolled out; changes nothing."""

    def current(self) -> int | None:
        """The version production is configured to serve; None where there is none."""

    def publish(self, version: int, folder: Path) -> None:
        """Bring a model where the server could read it; nothing serves it yet."""

    def load(self, version: int) -> None:
        """Ask for a version beside the one that serves; the label ``stable`` stays where it is."""

    def serve(self, version: int | None) -> None:
        """Ask for exactly this version, under the label ``stable``; None: for no version."""

    def withdraw(self, version: int) -> None:
        """Take a published model away again."""


def make_target(settings: Settings) -> RolloutTarget:
    """The target that the settings name.

    Raises:
        PromotionError: it is none of ours.
    """
    if settings.promotion_target == "local":
        from include.promotion.local import LocalTarget

        return LocalTarget(settings)
    if settings.promotion_target == "kubernetes":
        from include.promotion.kubernetes import KubernetesTarget

        return KubernetesTarget(settings)
    raise PromotionError(
        f"promotion target {settings.promotion_target!r} is unknown; known: local, kubernetes "
        "(setting TWEETSIEVE_PROMOTION_TARGET)"
    )

"""Whether a version answers as fast as the one it replaces, asked in turn on the same server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from include.promotion.latency import p95, request_ms, too_slow
from include.promotion.limits import PromotionLimits
from include.serving.client import ServingClient


def milliseconds(client: ServingClient, version: int, texts: Sequence[str]) -> list[float]:
    """Of a request for each text by itself.

    Raises:
        ServingError, ServingUnavailable: there was no answer.
    """
    return [round(request_ms(client, [text], version), 3) for text in texts]


@dataclass(frozen=True)
class LatencyComparison:
    """Milliseconds of requests for one text each, to the old and to the new version."""

    old: list[float] = field(default_factory=list)
    new: list[float] = field(default_factory=list)

    @classmethod
    def measure(
        cls, client: ServingClient, versions: tuple[int, int], texts: Sequence[str]
    ) -> LatencyComparison:
        """Ask the old and the new version in turn, so that what slows the machine down slows both.

        Raises:
            ServingError, ServingUnavailable: there was no answer.
        """
        found = cls()
        for text in texts:
            for version, taken in zip(versions, (found.old, found.new), strict=True):
                taken += milliseconds(client, version, [text])
        return found

    def confirmed(
        self, client: ServingClient, versions: tuple[int, int], texts: Sequence[str], limits: PromotionLimits
    ) -> LatencyComparison:
        """This comparison, or a second one where the new version looks too slow.

        The machine may have been busy at that moment; a version that is really slow is slow again.

        Raises:
            ServingError, ServingUnavailable: there was no answer.
        """
        return self.measure(client, versions, texts) if self.too_slow(limits) else self

    def too_slow(self, limits: PromotionLimits) -> str:
        """Why the new version is too slow; empty where it isn't.

        >>> LatencyComparison([4, 4, 4], [90, 90, 90]).too_slow(PromotionLimits())
        '95 % of its answers take up to 90 ms, those of the old version 4 ms'
        >>> LatencyComparison([4, 4, 4], [20, 20, 20]).too_slow(PromotionLimits())
        ''
        """
        old, new = p95(self.old), p95(self.new)
        if not too_slow(new, old, limits):
            return ""
        return f"95 % of its answers take up to {new:.0f} ms, those of the old version {old:.0f} ms"

    def figures(self) -> dict[str, float]:
        """The 95th percentiles, for the ledger."""
        return {"p95_ms_old": p95(self.old), "p95_ms_new": p95(self.new)}

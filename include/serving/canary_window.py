"""Which model versions may answer at this moment, and with what share of the posts.

The open record of a rollout is the one truth: who splits the stream asks here once a batch. A window whose
rollout nobody looks after any more counts as closed.
"""

from __future__ import annotations

from dataclasses import dataclass

from include.infra.postgres.connection import connect
from include.promotion.rollout.record import STALE_SECONDS
from include.settings import Settings


@dataclass(frozen=True)
class CanaryWindow:
    """The new version, and the share of the posts that are its own, of 1."""

    version: int
    share: float


def open_canary(settings: Settings) -> CanaryWindow | None:
    """The window that is open on the settings' target."""
    query = """
        SELECT to_version FROM rollout
        WHERE model_name = %s AND target = %s AND step = 'canary'
          AND beat_at > clock_timestamp() - %s * interval '1 second'
    """
    with connect(settings) as connection:
        row = connection.execute(
            query, [settings.model_name, settings.promotion_target, STALE_SECONDS]
        ).fetchone()
    return None if row is None else CanaryWindow(row[0], settings.canary_share)

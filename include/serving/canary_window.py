"""The canary under way: which new model version answers a share of the posts, and how large that share is.

The open record of a rollout decides; the stream asks here once a batch. A window counts as closed when nobody
has worked on its rollout for ``STALE_SECONDS``.
"""

from __future__ import annotations

from dataclasses import dataclass

from include.infra.postgres.connection import connect
from include.settings import Settings

STALE_SECONDS = 60.0
"""A rollout whose record has had no heartbeat for so long was abandoned."""


@dataclass(frozen=True)
class CanaryWindow:
    """The new version, and the share of the posts that it answers, between 0 and 1."""

    version: int
    share: float


def open_canary(settings: Settings) -> CanaryWindow | None:
    """The open window of the promoted model on the settings' target; None where there is none."""
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

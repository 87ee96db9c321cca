"""Whether every answer came from a version that was approved at that moment, according to the database."""

from __future__ import annotations

from datetime import datetime

from include.infra.postgres.connection import connect
from include.settings import Settings
from tests.support.kubernetes.load import Load

Span = tuple[float, float]


def approved_spans(settings: Settings) -> dict[int, list[Span]]:
    """When each version might answer, as begin and end in seconds since the epoch.

    A new version may answer from its canary on, or from the moment at which it is put into service; when its
    rollout is undone, until that has ended. The version before may answer until the new one was verified in
    service.
    """
    query = """
        SELECT to_version, outcome, coalesce(evidence -> 'steps', '{}'),
               extract(epoch FROM finished_at)::float8
        FROM promotion WHERE model_name = %s AND target = %s ORDER BY id
    """
    with connect(settings) as connection:
        rows = connection.execute(query, [settings.model_name, settings.promotion_target]).fetchall()
    spans: dict[int, list[Span]] = {}
    standing: tuple[int, float] | None = None
    for version, outcome, steps, ended in rows:
        began = [
            datetime.fromisoformat(steps[step]).timestamp() for step in ("canary", "serving") if step in steps
        ]
        if outcome == "promoted":
            if standing is not None:
                spans.setdefault(standing[0], []).append((standing[1], ended))
            standing = (version, min(began))
        elif began:
            spans.setdefault(version, []).append((min(began), ended))
    if standing is not None:
        spans.setdefault(standing[0], []).append((standing[1], float("inf")))
    return spans


def not_approved(load: Load, settings: Settings) -> list[tuple]:
    """The requests that were answered by a version that might not answer at any moment of the request."""
    spans = approved_spans(settings)
    return [
        (sent, answered, version)
        for sent, answered, version, _ in load.requests
        if version is not None
        and not any(begin <= answered and sent <= end for begin, end in spans.get(version, []))
    ]

"""The evidence for giving all messages to one version: both are asked for the latest messages."""

from __future__ import annotations

from typing import Any

import numpy as np

from include.infra.postgres.connection import connect
from include.schema.dataset_tables import table_exists
from include.settings import Settings
from include.streaming.evidence import Evidence, Finding, NoEvidence
from include.workloads.sentiment.base.settings import SentimentSettings, Version, sentiment_settings
from include.workloads.sentiment.evidence import asking
from include.workloads.sentiment.evidence.comparison import against_people, compare
from include.workloads.sentiment.evidence.ratings import rated_in_file, rated_on_page
from include.workloads.sentiment.models.versions import version_name

OLD: Version = "a"
"""The version that the others are compared with."""
FEWEST = 2


def evidence(settings: Settings, scorer: str) -> Evidence:
    """What speaks for and against giving ``scorer`` all messages; see docs/workload_sentiment.md.

    Raises:
        NoEvidence: a service does not answer, or the stream has not scored anything.
        BadRatings: the file of ratings can't be read.
    """
    own, new = sentiment_settings(), version_of(scorer)
    rated = rated_in_file(own.ratings)
    rows, texts, on_page = _from_stream(settings, own.evidence_rows)
    rated += on_page
    with asking.services(settings, OLD, new) as clients:
        ours, theirs = (asking.compound(clients[version], texts) for version in (new, OLD))
        people = [
            asking.compound(clients[version], [text for text, _ in rated]) if rated else np.empty(0)
            for version in (new, OLD)
        ]
        measured: dict[str, Any] = {
            "versions": {"new": asking.version_of(clients[new]), "old": asking.version_of(clients[OLD])},
            "rows": rows,
            "scored": rows.get(version_name(new), 0),
            "compared": compare(ours, theirs),
            "latency": _named(asking.latencies(clients, texts), new),
            "people": against_people(np.array([rating for _, rating in rated]), *people),
        }
    return Evidence(tuple(findings(measured, own)), measured)


def version_of(scorer: str) -> Version:
    """The version that a scorer answers with.

    >>> version_of("in_process_b")
    'b'
    """
    return "b" if scorer.endswith("_b") else "a"


def findings(measured: dict[str, Any], own: SentimentSettings) -> list[Finding]:
    """What is required, and whether it is met."""
    compared, latency, people = measured["compared"], measured["latency"], measured["people"]
    slower = latency["new"]["p95"] / latency["old"]["p95"]
    found = [
        Finding(
            "rows", measured["scored"] >= own.evidence_least,
            f"it scored {measured['scored']:,} messages of the stream; at least {own.evidence_least:,}",
        ),
        Finding(
            "agreement", compared["agreement"] >= own.min_agreement,
            f"{compared['agreement']:.1%} of {compared['n']:,} in the same class; at least "
            f"{own.min_agreement:.1%}",
        ),
        Finding(
            "shift", compared["shift"] <= own.max_shift,
            f"the distributions of compound are {compared['shift']:.3f} apart; at most {own.max_shift:g}",
        ),
        Finding(
            "latency", slower <= own.max_slowdown,
            f"p95 {latency['new']['p95']:.1f} ms, {slower:.2f} times the other's; at most "
            f"{own.max_slowdown:g}",
        ),
    ]  # fmt: skip
    if people.get("difference_interval") and people["difference_interval"][0] is not None:
        low = people["difference_interval"][0]
        found.append(
            Finding(
                "people", low >= -own.max_loss,
                f"its correlation with {people['n']:,} ratings is {people['new']:.3f}, the other's "
                f"{people['old']:.3f}; the difference is at least {low:+.3f}, wanted {-own.max_loss:+g}",
            )
        )  # fmt: skip
    return found


def _from_stream(settings: Settings, most: int) -> tuple[dict[str, int], list[str], list[tuple[str, float]]]:
    """Rows by version, the latest texts, and what people rated on the page."""
    with connect(settings) as connection:
        if not table_exists(connection, "sentiment"):
            raise NoEvidence("the stream of sentiment has not run yet: run the DAG stream_classifier for it")
        counts = connection.execute("SELECT model_version, count(*) FROM sentiment GROUP BY 1").fetchall()
        latest = connection.execute(
            "SELECT text FROM sentiment ORDER BY arrived_at DESC LIMIT %s", [most]
        ).fetchall()
        on_page = rated_on_page(connection)
    if len(latest) < FEWEST:
        raise NoEvidence(f"the stream of sentiment has scored {len(latest)} messages: send it some")
    return dict(counts), [text for (text,) in latest], on_page


def _named(latencies: dict[Version, dict[str, Any]], new: Version) -> dict[str, Any]:
    return {"new": latencies[new], "old": latencies[OLD]}

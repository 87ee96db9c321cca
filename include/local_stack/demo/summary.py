"""The results of a run of the main job, read from the database, the model store and the settings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg import sql

from include.datasets.clean import WEAK_LABEL_REPORT, weak_label_folder
from include.datasets.export.fingerprint import table_fingerprint
from include.infra.postgres.connection import connect
from include.local_stack.addresses import addresses, shortest
from include.model.registry.store import ModelStore
from include.promotion.targets.base import make_target
from include.schema.dataset_tables import VersionTables
from include.settings import Settings

JUDGES = {
    "golden": "people's golden labels",
    "weak": "weak labels of the test split, as there are no golden ones",
}


def live_posts(settings: Settings, since: datetime) -> int:
    """Posts that reached Kafka after ``since`` and are classified."""
    with connect(settings) as connection:
        query = "SELECT count(*) FROM ai_tweets WHERE arrived_at >= %s"
        return int(connection.execute(query, [since]).fetchone()[0])  # type: ignore[index]


def summarise(version: int, settings: Settings, live_since: datetime) -> dict[str, Any]:
    """Everything a person wants to know after a run, as JSON.

    Args:
        version: the dataset version that was run.
        live_since: posts that reached Kafka since then count as live.

    Raises:
        RuntimeError: a step that must have happened left nothing.
    """
    in_service = make_target(settings).current()
    if in_service is None:
        raise RuntimeError("no model is in service though promote_model succeeded; see the promotion table")
    metrics = ModelStore(settings).metrics(in_service)
    with connect(settings) as connection:
        return {
            "version": version,
            "tables": _tables(connection, version, settings),
            "labelling": _labelling(connection, version),
            "weak_labels_by": _labeller(connection, version),
            "judged_by": JUDGES[metrics["judged_by"]],
            "model_version": in_service,
            "metrics": metrics,
            "stream": _stream(connection, live_since, metrics["threshold"]),
            "addresses": addresses(settings),
        }


def format_summary(summary: dict[str, Any], settings: Settings) -> str:
    """The summary as a person reads it on a terminal: short, with where the rest is."""
    model = f"Model version {summary['model_version']}, judged by {summary['judged_by']}"
    sections = [
        ("Rows", [f"{name:40} {entry['rows']:>8}" for name, entry in summary["tables"].items()]),
        ("Weak labels", _labelling_lines(summary, settings)),
        (model, _metric_lines(summary)),
        ("Stream", [f"{name:40} {value:>8}" for name, value in summary["stream"].items()]),
    ]
    return "\n".join(f"\n{title}\n  " + "\n  ".join(lines) for title, lines in sections)


def _tables(connection: Any, version: int, settings: Settings) -> dict[str, dict[str, Any]]:
    tables = {}
    for table in VersionTables.of(version, settings).all:
        rows, content = table_fingerprint(connection, table)
        tables[table] = {"rows": rows, "content_hash": content}
    return tables


def _labelling(connection: Any, version: int) -> list[dict[str, Any]]:
    names = ("j", "function", "polarity", "coverage", "overlaps", "conflicts")
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    query = sql.SQL("SELECT {} FROM labelling_report WHERE version = %s ORDER BY j").format(columns)
    return [dict(zip(names, row, strict=True)) for row in connection.execute(query, [version])]


def _labeller(connection: Any, version: int) -> str:
    query = "SELECT reason FROM labelling_choice WHERE version = %s"
    row = connection.execute(query, [version]).fetchone()
    return str(row[0]) if row else "an unknown method"


def _stream(connection: Any, live_since: datetime, threshold: float) -> dict[str, int]:
    query = """
        SELECT count(*),
               count(*) FILTER (WHERE arrived_at >= %(live_since)s),
               count(*) FILTER (WHERE probability >= %(threshold)s AND cardinality(links) > 0),
               (SELECT count(*) FROM links),
               (SELECT count(*) FROM dead_letter)
        FROM ai_tweets
    """
    names = ("posts classified", "of them live", "AI posts with links", "distinct links", "dead letters")
    counts = connection.execute(query, {"live_since": live_since, "threshold": threshold}).fetchone()
    return dict(zip(names, counts, strict=True))


def _labelling_lines(summary: dict[str, Any], settings: Settings) -> list[str]:
    """How many functions there are; each one's coverage is in the file that the DAG's task writes."""
    rows, file = summary["labelling"], weak_label_folder(summary["version"], settings) / WEAK_LABEL_REPORT
    voted = sum(row["coverage"] > 0 for row in rows)
    return [
        f"by {summary['weak_labels_by']}",
        f"{voted} of {len(rows)} labelling functions voted: {shortest(file)}",
    ]


def _metric_lines(summary: dict[str, Any]) -> list[str]:
    judged = summary["metrics"][summary["metrics"]["judged_by"]]
    lines = [_scorer_line(name, figures) for name, figures in judged.items()]
    return [*lines, *summary["metrics"]["verdict"]]


def _scorer_line(name: str, figures: dict[str, Any]) -> str:
    low, high = figures["f1_interval"]
    return (
        f"{name:14} F1 {figures['f1']:.3f} ({low:.3f} to {high:.3f})  precision {figures['precision']:.3f}  "
        f"recall {figures['recall']:.3f}  AUC {figures['auc']:.3f}  on {figures['n']} posts"
    )

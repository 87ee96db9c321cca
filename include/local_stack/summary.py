"""What a run of the main job came to: read from the database, the model store and the settings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg import sql

from include.database import connect
from include.datasets.fingerprint import table_fingerprint
from include.datasets.tables import VersionTables
from include.settings import Settings


def live_posts(settings: Settings, since: datetime) -> int:
    """Posts that reached Kafka after ``since`` and are classified."""
    with connect(settings) as connection:
        query = "SELECT count(*) FROM ai_tweets WHERE arrived_at >= %s"
        return int(connection.execute(query, [since]).fetchone()[0])  # type: ignore[index]


def summarise(version: int, settings: Settings, *, golden_given: bool, began: datetime) -> dict[str, Any]:
    """Everything a person wants to know after a run, as JSON.

    Raises:
        RuntimeError: a step that must have happened left nothing.
    """
    from include.model.store import ModelStore
    from include.promotion.run import current_version

    in_service = current_version(settings)
    if in_service is None:
        raise RuntimeError("no model is in service though promote_model succeeded; see the promotion table")
    with connect(settings) as connection:
        return {
            "version": version,
            "tables": _tables(connection, version, settings),
            "labelling": _labelling(connection, version),
            "judged_by": "golden labels" if golden_given else "weak labels (no golden labels were given)",
            "model_version": in_service,
            "metrics": ModelStore(settings).metrics(in_service),
            "stream": _stream(connection, began),
            "addresses": addresses(settings),
        }


def addresses(settings: Settings) -> dict[str, str]:
    """Where to look, by name."""
    web = f"http://{settings.host}"
    return {
        "airflow": f"{web}:{settings.airflow_port}",
        "tagger": f"{web}:{settings.tagger_port}",
        "dashboard": f"{web}:{settings.dashboard_port}",
        "model server": f"{settings.model_url}/v1/models/{settings.model_name}",
        "postgres": f"{settings.postgres_host}:{settings.postgres_port}/{settings.postgres_database}",
        "kafka": settings.kafka_bootstrap,
    }


def format_summary(summary: dict[str, Any]) -> str:
    """The summary as a person reads it on a terminal."""
    model = f"Model version {summary['model_version']}, judged by {summary['judged_by']}"
    sections = [
        ("Rows", [f"{name:40} {entry['rows']:>8}" for name, entry in summary["tables"].items()]),
        ("Labelling functions", [_function_line(row) for row in summary["labelling"]]),
        (model, _metric_lines(summary)),
        ("Stream", [f"{name:40} {value:>8}" for name, value in summary["stream"].items()]),
        ("Where to look", [f"{name:14} {address}" for name, address in summary["addresses"].items()]),
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


def _stream(connection: Any, began: datetime) -> dict[str, int]:
    query = """
        SELECT (SELECT count(*) FROM ai_tweets),
               (SELECT count(*) FROM ai_tweets WHERE arrived_at >= %s),
               (SELECT count(*) FROM ai_tweets WHERE probability >= 0.5 AND cardinality(links) > 0),
               (SELECT count(*) FROM links),
               (SELECT count(*) FROM dead_letter)
    """
    names = ("posts classified", "of them live", "AI posts with links", "distinct links", "dead letters")
    return dict(zip(names, connection.execute(query, [began]).fetchone(), strict=True))


def _function_line(row: dict[str, Any]) -> str:
    shares = "  ".join(f"{name} {row[name]:6.3f}" for name in ("coverage", "overlaps", "conflicts"))
    return f"{row['j']:>3} {row['function']:32} {row['polarity']:>8}  {shares}"


def _metric_lines(summary: dict[str, Any]) -> list[str]:
    return [str(summary["metrics"])]

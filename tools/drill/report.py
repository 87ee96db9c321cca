"""The drill's report as a table."""

from __future__ import annotations

from typing import Any

COLUMNS = (
    "positions", "classified", "dead_letters", "missing", "doubled", "wrongly_dead", "wrong_links", "seconds",
)  # fmt: skip


def table(done: dict[str, Any]) -> str:
    """One line per fault, the alerts, and the verdict."""
    width = max(len(fault["fault"]) for fault in done["faults"])
    head = f"{'after':{width}} " + " ".join(f"{name:>12}" for name in COLUMNS)
    lines = [head, *(_line(fault, width) for fault in done["faults"])]
    told = done["alerts"]
    lines.append(
        f"{told['errors']} errors of the source at {told['posts_per_second']:,} posts/s, until the webhook "
        f"has them: p50 {told['p50_seconds']} s, p95 {told['p95_seconds']} s, max {told['max_seconds']} s; "
        f"{told['told_more_than_once']} told more than once"
    )
    last = done["account"]
    verdict = "each once" if done["right"] else "NOT RIGHT"
    counts = f"{last['classified']:,} classified + {last['dead_letters']:,} dead letters"
    wrong = f"{last['missing']} missing, {last['doubled']} doubled"
    lines.append(
        f"{last['positions']:,} positions of {last['sent']:,} sent messages: {counts}, {wrong}: {verdict}"
    )
    return "\n".join(lines)


def _line(fault: dict[str, Any], width: int) -> str:
    figures = " ".join(f"{fault[name]:>12,}" for name in COLUMNS)
    problem = "" if fault["right"] else f"  WRONG {fault.get('problem', '')}"
    return f"{fault['fault']:{width}} {figures}{problem}"

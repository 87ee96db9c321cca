"""The drill's report as a table."""

from __future__ import annotations

from typing import Any

COLUMNS = ("positions", "scored", "dead_letters", "lost", "missing", "doubled", "wrongly_dead")


def table(done: dict[str, Any]) -> str:
    """One line per fault, the alerts, and the verdict."""
    columns = [*COLUMNS, *own_checks(done["account"]), "seconds"]
    width = max(len(fault["fault"]) for fault in done["faults"])
    head = f"{'after':{width}} " + " ".join(f"{name:>12}" for name in columns)
    lines = [head, *(_line(fault, columns, width) for fault in done["faults"])]
    if done["alerts"] is not None:
        lines.append(_alerts(done["alerts"]))
    return "\n".join([*lines, _verdict(done)])


def own_checks(account: dict[str, Any]) -> list[str]:
    """The workload's own checks among an account's figures.

    >>> own_checks({"positions": 5, "sent": 5, "missing": 0, "wrong_links": 0, "right": True})
    ['wrong_links']
    """
    return [name for name in account if name not in (*COLUMNS, "sent", "right")]


def _line(fault: dict[str, Any], columns: list[str], width: int) -> str:
    figures = " ".join(f"{fault[name]:>12,}" for name in columns)
    problem = "" if fault["right"] else f"  WRONG {fault.get('problem', '')}"
    return f"{fault['fault']:{width}} {figures}{problem}"


def _alerts(told: dict[str, Any]) -> str:
    return (
        f"{told['errors']} errors of the source at {told['messages_per_second']:,} messages/s, until the "
        f"webhook has them: p50 {told['p50_seconds']} s, p95 {told['p95_seconds']} s, max "
        f"{told['max_seconds']} s; {told['told_more_than_once']} told more than once"
    )


def _verdict(done: dict[str, Any]) -> str:
    last = done["account"]
    verdict = "each once" if done["right"] else "NOT RIGHT"
    counts = f"{last['scored']:,} scored + {last['dead_letters']:,} dead letters"
    if last["lost"]:
        counts += f" + {last['lost']:,} deleted by Kafka unread"
    wrong = f"{last['missing']} missing, {last['doubled']} doubled"
    return f"{last['positions']:,} positions of {last['sent']:,} sent messages: {counts}, {wrong}: {verdict}"

"""The table and the plot of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

Found = dict[str, Any]

RATES = (
    ("noop", "Kafka to noop"),
    ("parse", "+ parse"),
    ("score saved_model", "+ parse, saved_model"),
    ("score tf_serving", "+ parse, tf_serving in batches"),
    ("score one by one", "+ parse, tf_serving, a request per post"),
    ("original", "the original's design, to Postgres"),
    ("stream tf_serving", "end to end into Postgres, tf_serving"),
    ("stream saved_model", "end to end into Postgres, saved_model"),
)

_WRITTEN = (
    "Written by `make bench`; what each line means: tools/bench/README.md. Parts kept by `--add` are of "
    "earlier runs: compare figures within a part, and across parts with care."
)


def table(found: Found, *, document: bool = False) -> str:
    """Markdown of all that was measured."""
    lines = ["# Benchmark", "", _WRITTEN, ""]
    lines = lines if document else []
    lines += [*_machine(found["environment"]), ""]
    if "bytes" in found:
        lines += [f"Messages are JSON of {found['bytes']:.0f} bytes on average, 1 in 1,000 malformed.", ""]
    lines += _rates(found) + _ratios(found) + _requests(found) + _latency(found) + _datasets(found)
    if document:
        lines += ["![posts per second](benchmark.png)", ""]
    return "\n".join(lines)


def machine(e: Found) -> str:
    """What the figures were measured on."""
    packages = ", ".join(f"{name} {version}" for name, version in e["packages"].items())
    return (
        f"{e['at']}, commit {e['commit']}: {e['cores']} cores ({e['processor']}), {e['memory_gib']} GiB, "
        f"{e['system']}, Python {e['python']}, {packages}."
    )


def _machine(e: Found) -> list[str]:
    return [
        f"{machine(e)} Model: {e['options']['model']}. Kafka, Spark local[2], Postgres and the model server "
        "share the cores."
    ]


def _rates(found: Found) -> list[str]:
    rows = [
        f"| {label} | {found[name]['messages']:,} | {found[name]['per_second']:,.0f} |"
        f" {found[name]['per_second'] * 60 / 1e6:.3f} |"
        for name, label in RATES
        if name in found
    ]
    head = ["| competitor | messages | per second | million a minute |", "|---|---:|---:|---:|"]
    return [*head, *rows, ""] if rows else []


def _ratios(found: Found) -> list[str]:
    wanted = (
        ("score tf_serving", "score one by one", "tf_serving in batches, to a request per post"),
        ("stream tf_serving", "original", "end to end with tf_serving, to the original's design"),
        ("stream saved_model", "original", "end to end with saved_model, to the original's design"),
    )
    rows = [
        f"| {label} | {found[one]['per_second'] / found[other]['per_second']:,.2f} |"
        for one, other, label in wanted
        if one in found and other in found
    ]
    minutes = [
        f"Sustained: {found[name]['messages']:,} messages in {found[name]['seconds']:.0f} s with {name[7:]}"
        f"{_of_runs(found[name])}, {min(found[name]['thirds']) * 60 / 1e6:.2f} million a minute in the "
        "slowest third of that time; "
        f"{found[name]['rows']:,} rows and {found[name]['dead_letters']:,} dead letters in all."
        for name in ("stream saved_model", "stream tf_serving")
        if name in found
    ]
    return [*(["| ratio | |", "|---|---:|", *rows, ""] if rows else []), *(f"{line}\n" for line in minutes)]


def _of_runs(row: Found) -> str:
    runs = sorted(row.get("runs", []))
    return f" (of {len(runs)} runs, {runs[0]:,.0f} to {runs[-1]:,.0f} a second)" if len(runs) > 1 else ""


def _requests(found: Found) -> list[str]:
    if "requests" not in found:
        return []
    rows = [f"| {size} | {row['per_second']:,.0f} |" for size, row in found["requests"].items()]
    return ["| texts per request, one connection | texts per second |", "|---:|---:|", *rows, ""]


def _latency(found: Found) -> list[str]:
    if "latency" not in found:
        return []
    rows = [
        f"| {scorer} | {row['rate']:,} | {row['posts']:,} | "
        f"{row['p50']:.2f} | {row['p95']:.2f} | {row['p99']:.2f} |"
        for scorer, row in found["latency"].items()
    ]
    head = "| produce to visible row, seconds | posts a second | posts | p50 | p95 | p99 |"
    return [head, "|---|---:|---:|---:|---:|---:|", *rows, ""]


def _datasets(found: Found) -> list[str]:
    versions = sorted(
        (row for name, row in found.items() if name.startswith("dataset ")), key=lambda r: r["rows"]
    )
    rows = [
        f"| {row['rows']:,} | {name} | {row[name]['seconds']:.0f} | {row[name]['jvm_mib']:,.0f} |"
        f" {row[name]['python_mib']:,.0f} |"
        for name in ("deduplicate", "split")
        for row in versions
    ]
    head = "| rows | application | seconds | peak JVM MiB | peak Python MiB |"
    return [head, "|---:|---|---:|---:|---:|", *rows, ""] if rows else []


def plot(found: Found, file: Path) -> None:
    """Posts per second of every competitor, on a scale of powers of ten."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = [(label, found[name]["per_second"]) for name, label in RATES if name in found][::-1]
    if not rows:
        return
    figure, axes = pyplot.subplots(figsize=(9, 0.5 * len(rows) + 1.2), layout="constrained")
    bars = axes.barh([label for label, _ in rows], [value for _, value in rows], color="#4c78a8")
    axes.bar_label(bars, labels=[f"{value:,.0f}" for _, value in rows], padding=4)
    axes.set_xscale("log")
    axes.margins(x=0.15)
    axes.set_xlabel("posts per second")
    figure.savefig(file, dpi=110)
    pyplot.close(figure)

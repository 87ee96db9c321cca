"""The dashboard's page on physics events: how many of each batch look like signal, live."""

from __future__ import annotations

from typing import Any

import streamlit as st

from include.dashboard.read_only import CannotShow, read_only_connection
from include.settings import get_settings
from include.text.spreadsheet import guarded_rows
from include.workloads.higgs.batches import latest_batches, model_version, refusals

COMMITTED = "commit of the batch (time, UTC)"
COLORS = {"signal": "#d1495b", "background": "#8d99ae"}
REASONS = {
    "stage": st.column_config.TextColumn("Stage", width="small", help="parse: no event; score: no answer"),
    "reason": st.column_config.TextColumn("Reason", width="large"),
    "messages": st.column_config.NumberColumn("Messages", width="small"),
    "latest": st.column_config.DatetimeColumn("Latest (UTC)", format="YYYY-MM-DD HH:mm:ss"),
}


def main() -> None:
    st.title("Physics events")
    st.caption(
        "Collision events, sorted into signal and background by the network in service, a batch every ten "
        "seconds."
    )
    live()


@st.fragment(run_every=2)
def live() -> None:
    """Everything that changes, read again every two seconds."""
    try:
        with read_only_connection(get_settings()) as reader:
            batches, refused, version = latest_batches(reader), refusals(reader), model_version(reader)
    except CannotShow as problem:
        st.error(problem.why)
        st.info(problem.step)
        return
    if not batches:
        st.info(
            "No event has been scored yet. Run 'make demo WORKLOAD=higgs', or see docs/workload_higgs.md."
        )
        return
    show_latest(batches, version)
    st.subheader("Events per batch by kept class")
    st.vega_lite_chart(by_class(batches), width="stretch", key="by_class")
    st.subheader("Rate between commits")
    st.vega_lite_chart(rates(batches), width="stretch", key="rates")
    show_refused(refused)


def show_latest(batches: list[dict[str, Any]], version: str | None) -> None:
    """The latest batch in figures."""
    last = batches[-1]
    rate = f"{last['events'] / last['seconds']:,.0f} /s" if last["seconds"] else "-"
    share = f"{last['signal'] / last['events']:.1%}" if last["events"] else "-"
    figures = {
        "Events of the latest batch": f"{last['events']:,}",
        "Signal": f"{last['signal']:,}",
        "Share of signal": share,
        "Rate": rate,
        "Dead letters": f"{last['dead_letters']:,}",
        "Model version": version or "-",
    }
    for column, (name, figure) in zip(st.columns(len(figures)), figures.items(), strict=True):
        column.metric(name, figure)
    st.caption(f"Batch {last['batch_id']}, committed at {last['committed_at']:%Y-%m-%d %H:%M:%S} UTC.")


def by_class(batches: list[dict[str, Any]]) -> dict[str, Any]:
    """Events of each batch by kept class, in Vega-Lite."""
    values = [
        {"at": batch["committed_at"].isoformat(), "class": name, "events": batch[name]}
        for batch in batches
        for name in COLORS
    ]
    scale = {"domain": list(COLORS), "range": list(COLORS.values())}
    return {
        "data": {"values": values},
        "mark": {"type": "bar", "tooltip": True, "width": {"band": 0.8}},
        "encoding": {
            "x": {
                "field": "at", "type": "ordinal", "timeUnit": "utchoursminutesseconds", "title": COMMITTED,
                "axis": {"labelOverlap": True},
            },
            "y": {"field": "events", "type": "quantitative", "title": "events per batch (count)"},
            "color": {"field": "class", "type": "nominal", "title": "kept class", "scale": scale},
            "order": {"field": "class", "sort": "descending"},
        },
        "height": 260,
    }  # fmt: skip


def rates(batches: list[dict[str, Any]]) -> dict[str, Any]:
    """Signal events and all events per second between commits, in Vega-Lite."""
    values = [
        {"at": batch["committed_at"].isoformat(), "what": name, "rate": batch[field] / batch["seconds"]}
        for batch in batches
        if batch["seconds"]
        for name, field in (("all events", "events"), ("signal", "signal"))
    ]
    scale = {"domain": ["signal", "all events"], "range": [COLORS["signal"], "#30638e"]}
    return {
        "data": {"values": values},
        "mark": {"type": "line", "point": True, "tooltip": True},
        "encoding": {
            "x": {"field": "at", "type": "temporal", "scale": {"type": "utc"}, "title": COMMITTED},
            "y": {"field": "rate", "type": "quantitative", "title": "events per second (1/s)"},
            "color": {"field": "what", "type": "nominal", "title": None, "scale": scale},
        },
        "height": 220,
    }  # fmt: skip


def show_refused(refused: list[dict[str, Any]]) -> None:
    """Why messages became dead letters."""
    st.subheader("Dead letters of the last day")
    if not refused:
        st.write("None.")
        return
    st.dataframe(
        guarded_rows(refused),
        column_config=REASONS,
        column_order=tuple(REASONS),
        hide_index=True,
        key="refused",
    )


main()

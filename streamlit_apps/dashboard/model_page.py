"""The dashboard's page on models: which one was in service when, the ledger, and the evidence."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from include.dashboard.model_history import (
    LedgerEvidence,
    evidence_of,
    ledger_rows,
    model_names,
    service_periods,
    title,
)
from include.dashboard.read_only import CannotShow, read_only_connection
from include.settings import get_settings
from include.text.spreadsheet import guarded_rows

TIME = "YYYY-MM-DD HH:mm:ss"
PERIOD_COLUMNS = {
    "target": st.column_config.TextColumn("Target"),
    "model_version": st.column_config.NumberColumn("Model", width="small"),
    "since": st.column_config.DatetimeColumn("Since", format=TIME),
    "until": st.column_config.DatetimeColumn("Until", format=TIME, help="empty: still in service"),
    "action": st.column_config.TextColumn("Came by"),
    "approver": st.column_config.TextColumn("Approved by"),
    "override": st.column_config.CheckboxColumn("Override", width="small"),
}
LEDGER_COLUMNS = {
    "id": st.column_config.NumberColumn("#", width="small"),
    "target": st.column_config.TextColumn("Target", width="small"),
    "action": st.column_config.TextColumn("Action", width="small"),
    "from_version": st.column_config.NumberColumn("From", width="small"),
    "to_version": st.column_config.NumberColumn("To", width="small"),
    "outcome": st.column_config.TextColumn("Outcome"),
    "verdict": st.column_config.TextColumn("Gate"),
    "override": st.column_config.CheckboxColumn("Override", width="small"),
    "approver": st.column_config.TextColumn("Approved by"),
    "reason": st.column_config.TextColumn("Reason", width="large"),
    "started_at": st.column_config.DatetimeColumn("Started", format=TIME),
    "finished_at": st.column_config.DatetimeColumn("Ended", format=TIME),
    "evidence_hash": st.column_config.TextColumn("Evidence"),
}


def main() -> None:
    st.title("In production")
    try:
        with read_only_connection(get_settings()) as reader:
            name = choose_model(model_names(reader, get_settings().model_name))
            served, ledger = service_periods(reader, name), ledger_rows(reader, name)
            if not ledger:
                st.info("No model has been promoted yet. Run the DAG promote_model.")
                return
            show_now(served)
            show_service_periods(served)
            show_ledger(ledger)
            chosen = choose(ledger)
            show_evidence(evidence_of(reader, chosen["id"]), chosen)
    except CannotShow as problem:
        st.error(problem.why)
        st.info(problem.step)


def choose_model(names: list[str]) -> str:
    """The model that the page is about; nobody is asked where there is one."""
    return names[0] if len(names) == 1 else st.selectbox("Model", names, key="model")


def show_now(served: list[dict[str, Any]]) -> None:
    """The model in service, a column for each target."""
    current = [period for period in served if period["until"] is None]
    if not current:
        st.warning("No model is in service.")
        return
    for column, period in zip(st.columns(len(current)), current, strict=True):
        column.metric(f"Model version on {period['target']}", period["model_version"])
        column.caption(f"since {period['since']:%Y-%m-%d %H:%M} UTC")


def show_service_periods(served: list[dict[str, Any]]) -> None:
    if not served:
        return
    st.subheader("Which model was in service when")
    st.vega_lite_chart(timeline(served), width="stretch")
    st.dataframe(
        guarded_rows(served),
        column_config=PERIOD_COLUMNS,
        column_order=tuple(PERIOD_COLUMNS),
        hide_index=True,
        key="service_periods",
    )


def timeline(served: list[dict[str, Any]]) -> dict[str, Any]:
    """A bar for each period, in Vega-Lite."""
    now = datetime.now(UTC)
    values = [
        {
            "target": period["target"],
            "version": f"version {period['model_version']}",
            "since": period["since"].isoformat(),
            "until": (period["until"] or now).isoformat(),
        }
        for period in served
    ]
    return {
        "data": {"values": values},
        "mark": {"type": "bar", "height": 24, "tooltip": True},
        "encoding": {
            "x": {"field": "since", "type": "temporal", "title": None},
            "x2": {"field": "until"},
            "y": {"field": "target", "type": "nominal", "title": None},
            "color": {"field": "version", "type": "nominal", "title": None},
        },
        "height": {"step": 44},
    }


def show_ledger(ledger: list[dict[str, Any]]) -> None:
    st.subheader("The ledger")
    st.caption("Append-only: what was promoted, refused by the gate, rejected by a person, or rolled back.")
    st.dataframe(
        guarded_rows(ledger),
        column_config=LEDGER_COLUMNS,
        column_order=tuple(LEDGER_COLUMNS),
        hide_index=True,
        key="ledger",
    )


def choose(ledger: list[dict[str, Any]]) -> dict[str, Any]:
    """Choose the row whose evidence is shown; by default the latest."""
    st.subheader("Evidence")
    rows = {row["id"]: row for row in ledger}
    number = st.selectbox(
        "Row of the ledger", list(rows), format_func=lambda id_: title(rows[id_]), key="row"
    )
    return rows[number]


def show_evidence(shown: LedgerEvidence, row: dict[str, Any]) -> None:
    st.caption(f"Evidence {row['evidence_hash']}")
    if shown.compared is None:
        st.info("The gate was not run, or its evidence is older than this page.")
    else:
        if not shown.holds:
            st.error(
                "This evidence does not have the hash that was recorded for it: it was changed afterwards."
            )
        st.markdown(shown.compared)
    with st.expander("The whole evidence, as JSON"):
        st.json(shown.evidence, expanded=1)


main()

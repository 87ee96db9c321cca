"""The page on both versions: their shares with who and why, and the latest evidence."""

from __future__ import annotations

from typing import Any

import streamlit as st

from include.streaming.state.share_evidence import StoredEvidence
from include.streaming.state.share_ledger import ShareChange
from include.text.spreadsheet import guarded_rows
from streamlit_apps.hostile_text import as_text
from streamlit_apps.inbox.session import case_service

TIME = "YYYY-MM-DD HH:mm:ss"
LEDGER_COLUMNS = {
    "changed_at": st.column_config.DatetimeColumn("Since", format=TIME),
    "shares": st.column_config.TextColumn("Shares", width="medium"),
    "changed_by": st.column_config.TextColumn("By"),
    "reason": st.column_config.TextColumn("Reason", width="large"),
    "evidence": st.column_config.NumberColumn("Evidence", width="small"),
    "forced": st.column_config.CheckboxColumn("Forced", width="small"),
}


def page() -> None:
    """Shares, rows, evidence, ledger."""
    found = case_service().versions()
    st.subheader("How messages are shared")
    used = {name: share for name, share in found.shares.items() if share}
    for column, (name, share) in zip(st.columns(max(len(used), 1)), used.items(), strict=False):
        column.metric(name, f"{share:.0%}")
    rows = ", ".join(f"{as_text(version)} {count:,}" for version, count in found.rows.items())
    st.caption(f"Messages scored so far: {rows or 'none'}. The DAG set_traffic_share changes the shares.")
    st.subheader("Evidence")
    if found.evidence is None:
        st.info(
            "Nothing was measured yet. The DAG set_traffic_share measures before one version gets everything."
        )
    else:
        show_evidence(found.evidence)
    st.subheader("Who changed the shares, and why")
    show_ledger(found.history)


def show_evidence(found: StoredEvidence) -> None:
    """Requirements, and both versions side by side."""
    verdict = "passed" if found.passed else "did not pass"
    st.markdown(f"Evidence {found.id} for **{as_text(found.scorer)}** {verdict}: "
                f"{found.gathered_at:%Y-%m-%d %H:%M} UTC")  # fmt: skip
    rows = [
        {"": "✅" if one["passed"] else "❌", "requirement": one["name"], "found": as_text(one["said"])}
        for one in found.findings
    ]
    st.table(guarded_rows(rows))
    st.table(guarded_rows(side_by_side(found.measured)))
    st.caption(in_words(found.measured["compared"]))


def side_by_side(measured: dict[str, Any]) -> list[dict[str, str]]:
    """A row for each number of both versions."""
    new, old = (as_text(measured["versions"][one]) for one in ("new", "old"))
    people, latency = measured["people"], measured["latency"]
    table = [
        (f"p{percent} of one request, ms", *(f"{latency[one][f'p{percent}']:.1f}" for one in ("new", "old")))
        for percent in (50, 95)
    ]
    means = measured["compared"]["means"]
    table.append(("mean compound", *(f"{mean:.3f}".replace("-", "\N{MINUS SIGN}") for mean in means[:2])))
    if people.get("new") is not None and people.get("old") is not None:
        table.append(
            (
                f"correlation with people ({people['n']:,} ratings)",
                *(f"{people[one]:.3f} ({interval(people[f'{one}_interval'])})" for one in ("new", "old")),
            )
        )
    return [{"": name, new: ours, old: theirs} for name, ours, theirs in table]


def interval(bounds: list[float | None]) -> str:
    """The 95 % interval.

    >>> interval([0.861, 0.893]), interval([None, None])
    ('0.861 to 0.893', 'no interval')
    """
    low, high = bounds
    return "no interval" if low is None or high is None else f"{low:.3f} to {high:.3f}"


def in_words(compared: dict[str, Any]) -> str:
    """How far the versions differ on the same messages."""
    return (
        f"On {compared['n']:,} messages: {compared['agreement']:.1%} in the same class "
        f"({interval(compared['agreement_interval'])} of 1), {compared['different']:.1%} with another "
        f"compound, by {compared['mean_difference']:.3f} on average; the distributions are "
        f"{compared['shift']:.3f} apart."
    )


def show_ledger(history: list[ShareChange]) -> None:
    if not history:
        st.caption("Nobody did yet: the shares are those that the workload declares.")
        return
    rows = [
        {
            "changed_at": change.changed_at,
            "shares": ", ".join(f"{name} {share:.0%}" for name, share in change.shares.items() if share),
            "changed_by": change.changed_by,
            "reason": change.reason,
            "evidence": change.evidence_id,
            "forced": change.forced,
        }
        for change in history
    ]
    st.dataframe(guarded_rows(rows), column_config=LEDGER_COLUMNS, hide_index=True, key="ledger")

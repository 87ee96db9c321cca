"""The page on label quality: estimates, the report on the labelling functions, and their errors."""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from include.annotation.quality.estimates import Estimate
from include.labelling.stored_report import StoredReport
from include.lexicon.labels import NAMES
from include.text.spreadsheet import guarded_rows
from streamlit_apps.tagger.choice import Work
from streamlit_apps.tagger.files import show_files
from streamlit_apps.tagger.session import annotation_service
from streamlit_apps.tagger.team_progress import agreement_text, team

SHARE = "%.3f"
FUNCTION_COLUMNS = {
    "function": st.column_config.TextColumn("Function", width=170, pinned=True),
    "polarity": st.column_config.TextColumn("Votes", width=60),
    "coverage": st.column_config.NumberColumn("Coverage", format=SHARE, width=75),
    "conflicts": st.column_config.NumberColumn("Conflicts", format=SHARE, width=75),
    "golden": st.column_config.NumberColumn("On golden", help="votes on posts with golden labels", width=80),
    "precision": st.column_config.ProgressColumn(
        "Precision", min_value=0, max_value=1, format="%.2f", width=130
    ),
    "interval": st.column_config.TextColumn("95 % interval", width=95),
    "overlaps": st.column_config.NumberColumn("Overlaps", format=SHARE, width=75),
    "weight": st.column_config.NumberColumn("Learned accuracy", format=SHARE),
    "concept": st.column_config.TextColumn("Concept"),
    "about": st.column_config.TextColumn("What it asks", width="large"),
}
_POLARITY = {"[1]": "AI", "[0]": "not AI", "[0, 1]": "both", "[]": "none"}


def page(work: Work) -> None:
    """The whole page, for a version."""
    annotator, version, _ = work
    report = annotation_service().report(version)
    show_estimates(version)
    if report is None:
        st.info(f"Version {version} has no weak labels yet. Run the DAG label_dataset for it.")
    else:
        show_choice(report)
        show_functions(report)
        show_buckets(report)
    show_files(annotator, version)


def show_estimates(version: int) -> None:
    """Estimates from the unbiased labels, and how well annotators agree."""
    st.subheader("By people's labels")
    found = annotation_service().estimates(version)
    for column, estimate in zip(st.columns(len(found)), found, strict=True):
        column.metric(
            estimate.name[:1].upper() + estimate.name[1:],
            estimate_text(estimate),
            help="share (95 % interval)",
        )
    st.caption(
        f"From {found[0].n} test posts that the random queue drew; labels of other queues and imported ones"
        " are not used for estimates."
    )
    st.caption(agreement_text(team(version).agreement))


def estimate_text(estimate: Estimate) -> str:
    """A share with its interval.

    >>> estimate_text(Estimate("x", 9, 10)), estimate_text(Estimate("x", 0, 0))
    ('0.90 (0.60–0.98)', '–')
    """
    if math.isnan(estimate.share):
        return "–"
    low, high = estimate.interval
    return f"{estimate.share:.2f} ({low:.2f}–{high:.2f})"


def show_choice(report: StoredReport) -> None:
    """Which labeller gave the version its weak labels, and the scores of each candidate."""
    st.subheader("Whose weak labels")
    st.text(f"{report.reason[:1].upper()}{report.reason[1:]}.")
    if report.scores:
        st.dataframe(
            guarded_rows(
                {"labels by": name, "chosen": name == report.method, **scores}
                for name, scores in report.scores.items()
            ),
            hide_index=True,
            column_config={
                name: st.column_config.NumberColumn(format=SHARE) for name in ("precision", "recall", "f1")
            },
        )
    else:
        st.caption("No golden labels outside the test split yet: label some, or import them.")


def show_functions(report: StoredReport) -> None:
    """One line per labelling function."""
    st.subheader("Labelling functions")
    st.dataframe(
        guarded_rows(function_row(row) for row in report.functions),
        hide_index=True,
        column_config=FUNCTION_COLUMNS,
        column_order=tuple(FUNCTION_COLUMNS),
        height=560,
    )


def function_row(row: dict[str, Any]) -> dict[str, Any]:
    """A function's row with its interval and its votes as text."""
    low, high = row.get("interval") or (None, None)
    interval = "" if low is None else f"{low:.2f}–{high:.2f}"
    return row | {"interval": interval, "polarity": _POLARITY.get(row["polarity"], row["polarity"])}


def show_buckets(report: StoredReport) -> None:
    """Golden against weak labels, with example posts; the errors are expanded."""
    st.subheader("Golden against weak labels")
    if not report.buckets:
        st.caption("No golden labels outside the test split yet.")
    for bucket in report.buckets:
        wrong = bucket["golden"] != bucket["weak"]
        pair = f"golden {NAMES[bucket['golden']]}, weak {NAMES[bucket['weak']]}"
        name = f"{'⚠️ ' if wrong else ''}{pair}: {bucket['posts']} posts"
        with st.expander(name, expanded=wrong):
            st.dataframe(
                guarded_rows(bucket["examples"]),
                hide_index=True,
                row_height=90,
                column_order=("text", "probability", "for", "against", "id"),
                column_config={
                    "text": st.column_config.TextColumn("Post", width="large"),
                    "probability": st.column_config.NumberColumn("Soft label", format="%.2f", width="small"),
                    "for": st.column_config.ListColumn("Voted AI"),
                    "against": st.column_config.ListColumn("Voted not AI"),
                },
            )

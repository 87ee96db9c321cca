"""The team's progress on a version, and how well its members agree."""

from __future__ import annotations

import math
from html import escape

import streamlit as st

from include.annotation.quality.agreement import Agreement
from include.annotation.quality.progress import AnnotatorProgress
from include.annotation.service import TeamStatus
from streamlit_apps.tagger.session import annotation_service


@st.cache_data(ttl=10, show_spinner=False)
def team(version: int) -> TeamStatus:
    """The team's status, read again every ten seconds at most."""
    return annotation_service().team(version)


@st.fragment(run_every=30)
def show_team(version: int) -> None:
    """Progress and agreement, refreshed every 30 s, independently of the labelling."""
    now = team(version)
    st.caption("Everybody")
    if now.progress:
        st.html(progress_html(now.progress))
    for split, (golden, total) in now.golden.items():
        st.progress(golden / total if total else 0.0, f"{split}: {golden:,} of {total:,} golden")
    st.caption(agreement_text(now.agreement))


def progress_html(lines: list[AnnotatorProgress]) -> str:
    """The annotators' counts as a table that takes no focus: a data frame that was clicked keeps the arrows.

    >>> progress_html([AnnotatorProgress("<ann>", ai=3, not_ai=5, skipped=1, flagged=0)]).partition("<td>")[2]
    '&lt;ann&gt;</td><td>3 : 5</td><td>1 : 0</td></tr></table>'
    """
    rows = [
        (line.annotator, f"{line.ai} : {line.not_ai}", f"{line.skipped} : {line.flagged}") for line in lines
    ]
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    head = "".join(f'<th scope="col">{name}</th>' for name in ("who", "AI : not", "skip : flag"))
    return f'<table class="ts-team"><tr>{head}</tr>{body}</table>'


def agreement_text(found: Agreement | None) -> str:
    """The measure with its interval, in a sentence.

    >>> agreement_text(None)
    'Agreement: no post was labelled by two people yet.'
    """
    if found is None:
        return "Agreement: no post was labelled by two people yet."
    people = f"{len(found.annotators)} people"
    counted = f"alike on {found.alike} of {found.texts} posts that two or more of {people} labelled"
    if math.isnan(found.value):
        return f"Agreement: {counted}; {found.measure} is not defined while all labels are the same."
    interval = f"95 % interval {found.low:.2f} to {found.high:.2f}"
    return f"Agreement: {found.measure} {found.value:.2f} ({interval}); {counted}."

"""How far everybody is, and how far they agree."""

from __future__ import annotations

import math

import streamlit as st

from include.annotation.quality.agreement import Agreement
from include.annotation.quality.progress import Progress
from include.annotation.service import Team
from streamlit_apps.tagger.session import open_desk


@st.cache_data(ttl=10, show_spinner=False)
def team(version: int) -> Team:
    """Everybody's standing, read anew every ten seconds at most."""
    return open_desk().team(version)


@st.fragment(run_every=30)
def show_standing(version: int) -> None:
    """How far all are, and agree: on a clock of its own, off the path of the labels."""
    now = team(version)
    st.caption("Everybody")
    if now.progress:
        st.dataframe([progress_row(line) for line in now.progress], hide_index=True)
    for split, (golden, total) in now.golden.items():
        st.progress(golden / total if total else 0.0, f"{split}: {golden:,} of {total:,} golden")
    st.caption(agreement_text(now.agreement))


def progress_row(line: Progress) -> dict[str, str]:
    """An annotator's counts, two to a column: the table has a narrow place.

    >>> progress_row(Progress("ann", ai=3, not_ai=5, skipped=1, flagged=0))
    {'who': 'ann', 'AI : not': '3 : 5', 'skip : flag': '1 : 0'}
    """
    return {
        "who": line.annotator,
        "AI : not": f"{line.ai} : {line.not_ai}",
        "skip : flag": f"{line.skipped} : {line.flagged}",
    }


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

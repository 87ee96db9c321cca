"""The page To repost: one card at a time, decided on by one key; the page's other cards below it.

The keys stand above the card and are drawn in every state of the page, so that they never move.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import psycopg
import streamlit as st

from include.curation.cards import Card
from include.curation.explain import reasons
from include.curation.export import Form
from include.curation.posting import posts_itself
from include.curation.service import Counts
from include.curation.walk import Walk
from include.errors import UserError
from include.settings import get_settings
from streamlit_apps.dashboard.repost import keys, state
from streamlit_apps.dashboard.repost.card_view import card_html, list_html, why
from streamlit_apps.dashboard.repost.filter_form import SOURCES, show_form
from streamlit_apps.dashboard.repost.key_bar import show_keys, show_moves
from streamlit_apps.dashboard.repost.session import curation_service
from streamlit_apps.dashboard.repost.style import STYLE
from streamlit_apps.dashboard.repost.wording import decided, headline
from streamlit_apps.hostile_text import as_text
from streamlit_apps.scene import draw_scene, notice, only_in
from streamlit_apps.tagger import browser
from streamlit_apps.tagger.identity import annotator
from streamlit_apps.tagger.style import STYLE as SHARED_STYLE

FORMS: dict[Form, str] = {"csv": "text/csv", "jsonl": "application/jsonl"}


def page() -> None:
    """Who curates, then the cards."""
    st.html(SHARED_STYLE + STYLE)
    known = st.session_state.get("curator") or browser.remembered().get("annotator")
    curator = annotator(known if isinstance(known, str) else None)
    if curator is None:
        return
    if curator != known:
        st.session_state["curator"] = curator
        st.rerun()  # without the form
    browser.prepare(browser.remembered() | {"annotator": curator})
    st.fragment(curating, run_every=get_settings().repost_lease_seconds / 3)(curator)


def curating(curator: str) -> None:
    """What is drawn again after a key press, and now and then, by which the card stays one's own."""
    settings = get_settings()
    try:
        show(curator)
    except psycopg.errors.QueryCanceled:
        st.error("The question took too long. Narrow the filter.")
        st.button("Clear the filter", key="too_long", on_click=st.query_params.clear)
    except psycopg.OperationalError:
        st.error(f"The database at {settings.postgres_host}:{settings.postgres_port} does not answer.")
        st.info("Start the local stack with 'make up' and see 'make status'.")
    except UserError as problem:
        st.info(as_text(str(problem)))


def show(curator: str) -> None:
    """The bar of keys, the card, the page's cards."""
    walk = state.walk_of(curator)
    curation_service().move(walk, curator, "renew")
    cards = curation_service().cards(walk)
    card = next((one for one in cards if one.card == walk.card), None)
    show_head(walk, state.counts_of(walk, curator), curator)
    if st.session_state.get("filtering"):
        show_form(walk)
        return
    scene = draw_scene(f"{walk.lease or 'read'}_{walk.card}")
    show_keys(walk, card, curator, scene)
    show_moves(walk, card, curator, scene)
    if told := notice():
        st.warning(as_text(told))
    with st.container(border=True):
        show_card(walk, card, curator, scene) if card else say_empty(walk)
    show_list(walk, cards, curator, scene)


def show_head(walk: Walk, counts: Counts, curator: str) -> None:
    """How many cards there are, of which kind, and the keys that change that."""
    with st.container(horizontal=True, vertical_alignment="center", key="head"):
        st.text(headline(walk, counts), width="stretch")
        st.button("Top", key="top", shortcut="T", on_click=keys.top, args=[curator],
                  help="Begin at the top, with what has come since")  # fmt: skip
        st.button("Filter", key="filter_button", shortcut="F", on_click=keys.toggle_filter)


def show_card(walk: Walk, card: Card, curator: str, scene: str) -> None:
    """The card; who decided it, or why it can't be decided on; and why it stands here."""
    st.html(card_html(card, scene))
    if card.state != "open":
        st.caption(as_text(decided(card)))
        if card.state == "reposted" and card.outcome == "failed" and posts_itself(card, get_settings()):
            st.button("Send again", key=f"again_{scene}", on_click=only_in,
                      args=(scene, keys.send, card, curator))  # fmt: skip
    elif walk.lease is None and walk.wanted.state == "open":
        st.caption("Somebody else looks at this card now; it can be read, and decided on in a moment.")
    if card.state != "open":
        return
    settings, known = get_settings(), walk.known
    found = reasons(
        card, datetime.now(UTC), settings.repost_half_life_hours,
        known.reposted.get(card.domain or "", 0) if walk.wanted.weighs_novelty else 0, known.factor,
    )  # fmt: skip
    st.caption(as_text(why(found, card, settings.repost_half_life_hours, settings.repost_novelty_days)))


def say_empty(walk: Walk) -> None:
    """Why there is no card, and what to do."""
    if walk.places:
        st.success("That was the last card. Top (T) begins again, with what has come since.")
        return
    st.info(
        f"No card of {SOURCES[walk.wanted.source]} fits this filter. Filter (F) shows others: the posts of"
        " a replay are old or invented ones."
    )


def show_list(walk: Walk, cards: list[Card], curator: str, scene: str) -> None:
    """The page's cards and the way to other pages; the filter's cards as a file."""
    if did := st.session_state.get("did"):
        st.caption(as_text(did))
    st.html(list_html(cards, walk))
    with st.container(horizontal=True, key="pages"):
        for name, step, off in (
            ("Earlier cards", "earlier", walk.first == 1),
            ("Later cards", "later", not walk.more),
        ):
            st.button(name, key=f"{step}_{scene}", disabled=off,
                      on_click=only_in, args=(scene, keys.move, walk, curator, step))  # fmt: skip
        for form, mime in FORMS.items():
            st.download_button(
                f"{form.upper()} of this filter", partial(curation_service().export, walk, curator, form),
                f"to_repost.{form}", mime, key=f"export_{form}", on_click="ignore",
            )  # fmt: skip
    st.caption(
        "Cards are ranked by their probability, which halves with age, and less where the same site was"
        f" reposted lately. A text that was decided on does not return for"
        f" {get_settings().repost_novelty_days:g} days; {as_text(curator)} decides here."
    )

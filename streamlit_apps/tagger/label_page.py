"""The labelling page: keys, the current post, earlier posts, and the team's progress.

The keys stand above the post and are drawn in every state of the page, so that they never move.
"""

from __future__ import annotations

import streamlit as st

from include.annotation.labels.events import PastEvent
from include.annotation.queues.item import BLIND, Item, QueueName
from include.annotation.queues.queue_sql import TARGETED
from include.annotation.service import CurrentItem
from include.settings import PROJECT_ROOT
from streamlit_apps.tagger import key_presses
from streamlit_apps.tagger.choice import Work
from streamlit_apps.tagger.rendering import as_text, chips_html, marks_html, openable, post_html
from streamlit_apps.tagger.session import annotation_service
from streamlit_apps.tagger.team_progress import show_team

GUIDELINE = PROJECT_ROOT / "docs" / "guideline.md"


def page(work: Work) -> None:
    """The whole page."""
    left, right = st.columns([2, 1], gap="medium")
    with left:
        labelling_fragment(work)
    with right:
        if key_presses.guideline_open():
            show_guideline()
        with st.container(key="team"):
            show_team(work.version)


@st.fragment
def labelling_fragment(work: Work) -> None:
    """What is drawn again after a key press, and no more: keys, post, one's own count."""
    if key_presses.page_changed():
        st.rerun()
    back = key_presses.steps_back()
    past = annotation_service().look_back(work.annotator, back) if back else None
    if past is not None:
        show_past_event(past, work.annotator)
    else:
        show_current_item(work)
    done = annotation_service().labelled(work.annotator, work.version)
    st.caption(f"Your labels of version {work.version}: {done}")


def show_current_item(work: Work) -> None:
    """The keys and the current item, or why there is none."""
    key_presses.step_to(0)
    problem = model_problem(work.version) if work.queue == "disagreement" else None
    current = annotation_service().current_item(*work)
    item = current.item
    scene = key_presses.draw_scene(f"{item.lease_id if item else 'empty'}_{current.last_event}")
    show_label_keys(item, scene)
    show_moves(scene, work.annotator, current.last_event)
    if item is None:
        say_empty(work.version, work.queue, problem)
        return
    key_presses.first_shown(current)
    with st.container(border=True):
        show_item(current)


def show_item(current: CurrentItem) -> None:
    """The post with its keywords marked, and the suggestions that its queue may show."""
    item = current.item
    assert item is not None
    st.html(post_html(item.text, item.keywords, str(item.lease_id), item.lang))
    st.html(marks_html(item))
    links, more = openable(item.links)
    for place, (name, link) in enumerate(links):
        st.link_button(name, link, key=f"link_{item.lease_id}_{place}", icon=":material/open_in_new:")
    if more:
        st.caption(f"and {more:,} more link{'s' if more > 1 else ''}")
    if current.suggestion is not None:
        st.html(chips_html(current.suggestion))
    hidden = ": suggestions are hidden" if item.queue in BLIND else ""
    st.caption(f"Queue {item.queue}{hidden}.")


def show_label_keys(item: Item | None, scene: str) -> None:
    """The buttons that label, disabled where there is no item.

    Each belongs to its lease, so that a second press can't label the next post.
    """
    with st.container(horizontal=True, key="keys"):
        for key in key_presses.keys_of(item):
            st.button(
                key.name,
                key=f"{key.slug}_{item.lease_id if item else scene}",
                icon=key.icon,
                shortcut=key.shortcut,
                disabled=item is None,
                on_click=key_presses.writes_in,
                args=(scene, key_presses.press, item, key.action, key.label),
                width="stretch",
            )


def show_moves(scene: str, annotator: str, event: int | None, back: int = 0, first: bool = False) -> None:
    """Back, forth, undo, guideline; below them, what went wrong at the last press.

    Args:
        event: what Undo takes back: the event that is shown, or else the last one.
        back: how many events back the page shows.
        first: whether nothing was done before the event that is shown.
    """
    with st.container(horizontal=True, key="moves"):
        st.button(
            "Earlier", key=f"earlier_{scene}", shortcut="Left", disabled=event is None or first,
            width="stretch", on_click=key_presses.only_in, args=(scene, key_presses.step_to, back + 1),
        )  # fmt: skip
        st.button(
            "Later", key=f"later_{scene}", shortcut="Right", disabled=not back, width="stretch",
            on_click=key_presses.only_in, args=(scene, key_presses.step_to, max(0, back - 1)),
        )  # fmt: skip
        st.button(
            "Undo", key=f"undo_{scene}", shortcut="Z", disabled=event is None, width="stretch",
            on_click=key_presses.writes_in, args=(scene, key_presses.take_back, annotator, event),
        )  # fmt: skip
        st.button(
            "Guideline", key="show_guideline", shortcut="G", width="stretch",
            on_click=key_presses.toggle_guideline,
        )  # fmt: skip
    if notice := key_presses.notice():
        st.warning(as_text(notice))


def show_past_event(past: PastEvent, annotator: str) -> None:
    """One of one's own earlier events, to read or to undo; it can't be labelled here by mistake."""
    back = key_presses.steps_back()
    first = annotation_service().look_back(annotator, back + 1) is None
    scene = key_presses.draw_scene(f"past_{past.event}")
    show_label_keys(None, scene)
    show_moves(scene, annotator, past.event, back, first)
    with st.container(border=True):
        st.caption(f"{back} back · {past.created_at:%Y-%m-%d %H:%M} · queue {past.queue}")
        st.html(post_html(past.text, scope=f"past {past.event}"))
    st.info(f"You pressed: {past.verdict}. Undo brings this post back to be labelled again.")


def say_empty(version: int, queue: QueueName, problem: str | None) -> None:
    """Why the queue is empty, and what to do."""
    if problem is not None:
        st.warning(f"The queue {queue} needs the model in service: {as_text(problem)}")
    elif queue in TARGETED and not annotation_service().list_length(version, queue):
        step = "promote a model" if queue == "disagreement" else "run the DAG label_dataset for this version"
        st.info(f"The queue {queue} of version {version} lists no post. If you expected some, {step}.")
    else:
        st.success(
            f"The queue {queue} of version {version} holds nothing more for you. Choose another queue."
        )


@st.cache_data(ttl=60, show_spinner="Asking the model in service …")
def model_problem(version: int) -> str | None:
    """Why the disagreement queue can't be brought up to date; checked once a minute, not at each key."""
    return annotation_service().refresh_disagreement(version)


def show_guideline() -> None:
    """The current text of the guideline's file."""
    text = GUIDELINE.read_text(encoding="utf-8") if GUIDELINE.is_file() else f"No file {GUIDELINE.name}."
    with st.container(border=True, key="guideline"):
        st.markdown(text)

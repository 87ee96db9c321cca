"""The labelling page: the current post, its keys, earlier posts, and the team's progress."""

from __future__ import annotations

import streamlit as st

from include.annotation.labels.events import PastEvent
from include.annotation.queues.item import BLIND, QUEUES, Item, QueueName
from include.annotation.queues.queue_sql import TARGETED
from include.annotation.queues.roles import Role, role_of
from include.annotation.service import CurrentItem
from include.settings import PROJECT_ROOT, get_settings
from streamlit_apps.tagger import key_presses
from streamlit_apps.tagger.rendering import STYLE, chips_html, marks_html, openable, post_html
from streamlit_apps.tagger.session import annotation_service
from streamlit_apps.tagger.team_progress import show_team

GUIDELINE = PROJECT_ROOT / "docs" / "guideline.md"
QUEUE_HELP: dict[QueueName, str] = {
    "random": "drawn at random: the only one used for estimates",
    "overlap": "what a colleague labelled: to measure agreement",
    "uncertainty": "where the soft label is near a half",
    "conflict": "where the labelling functions disagree",
    "disagreement": "where the model in service and the soft label differ",
    "adjudication": "disputed and flagged posts, to be decided",
}


def page(chosen: tuple[str, int] | None) -> None:
    """The whole page, for an annotator and a version."""
    if chosen is None:
        st.info("Enter your name, or log in, in the sidebar to begin.")
        return
    annotator, version = chosen
    queue = choose_queue(annotator, version)
    st.html(STYLE)
    left, right = st.columns([2, 1], gap="medium")
    with left:
        labelling_fragment(annotator, version, queue)
    with right:
        if key_presses.guideline_open():
            show_guideline()
        show_team(version)


def choose_queue(annotator: str, version: int) -> QueueName:
    """Choose one of the queues of the annotator's role; choosing another one releases the current item."""
    role = role_of(annotator, get_settings())
    queues = [name for name in QUEUES if name != "adjudication" or role is Role.ADJUDICATOR]
    with st.sidebar:
        chosen = st.radio(
            "Queue",
            queues,
            key="queue",
            captions=[QUEUE_HELP[name] for name in queues],
            on_change=key_presses.leave_item,
            args=(annotator, version),
        )
        st.caption(f"Your role: {role}")
    return chosen


@st.fragment
def labelling_fragment(annotator: str, version: int, queue: QueueName) -> None:
    """What is drawn again after a key press, and no more: post, keys, one's own count."""
    if key_presses.page_changed():
        st.rerun()
    if notice := key_presses.notice():
        st.warning(notice)
    back = key_presses.steps_back()
    past = annotation_service().look_back(annotator, back) if back else None
    if past is not None:
        show_past_event(past, annotator)
    else:
        show_current_item(annotator, version, queue)
    st.caption(f"Your labels of version {version}: {annotation_service().labelled(annotator, version)}")


def show_current_item(annotator: str, version: int, queue: QueueName) -> None:
    """The current item and its keys, or why there is none."""
    key_presses.step_to(0)
    problem = model_problem(version) if queue == "disagreement" else None
    current = annotation_service().current_item(annotator, version, queue)
    if current.item is None:
        say_empty(version, queue, problem)
        show_navigation_keys(
            annotator, current.last_event, key_presses.draw_scene(f"empty_{current.last_event}")
        )
        return
    key_presses.first_shown(current)
    scene = key_presses.draw_scene(f"{current.item.lease_id}_{current.last_event}")
    with st.container(border=True):
        show_item(current)
    show_label_keys(current.item, scene)
    show_navigation_keys(annotator, current.last_event, scene)


def show_item(current: CurrentItem) -> None:
    """The post with its keywords marked, and the suggestions that its queue may show."""
    item = current.item
    assert item is not None
    st.html(post_html(item.text, item.keywords, str(item.lease_id)))
    st.html(marks_html(item))
    for place, (name, link) in enumerate(openable(item.links)):
        st.link_button(name, link, key=f"link_{item.lease_id}_{place}", icon=":material/open_in_new:")
    if current.suggestion is not None:
        st.html(chips_html(current.suggestion))
    hidden = ": suggestions are hidden" if item.queue in BLIND else ""
    st.caption(f"Queue {item.queue}{hidden}.")


def show_label_keys(item: Item, scene: str) -> None:
    """The buttons that label; each belongs to its lease, so that a second press can't label the next post."""
    with st.container(horizontal=True):
        for name, key, action, label in key_presses.keys_of(item):
            st.button(
                name,
                key=f"label_{item.lease_id}_{key}",
                shortcut=key,
                type="primary" if label is not None else "secondary",
                on_click=key_presses.only_in,
                args=(scene, key_presses.press, item, action, label),
                width="stretch",
            )


def show_navigation_keys(
    annotator: str, event: int | None, scene: str, back: int = 0, first: bool = False
) -> None:
    """Back, forth, undo of the event that is shown or else the last one, guideline."""
    with st.container(horizontal=True):
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
            on_click=key_presses.only_in, args=(scene, key_presses.take_back, annotator, event),
        )  # fmt: skip
        st.button(
            "Guideline", key="show_guideline", shortcut="G", width="stretch",
            on_click=key_presses.toggle_guideline,
        )  # fmt: skip


def show_past_event(past: PastEvent, annotator: str) -> None:
    """One of one's own earlier events, to read or to undo; it can't be labelled here by mistake."""
    back = key_presses.steps_back()
    with st.container(border=True):
        st.caption(f"{back} back · {past.created_at:%Y-%m-%d %H:%M} · queue {past.queue}")
        st.html(post_html(past.text, scope=f"past {past.event}"))
    st.info(f"You pressed: {past.verdict}. Undo brings this post back to be labelled again.")
    first = annotation_service().look_back(annotator, back + 1) is None
    show_navigation_keys(annotator, past.event, key_presses.draw_scene(f"past_{past.event}"), back, first)


def say_empty(version: int, queue: QueueName, problem: str | None) -> None:
    """Why the queue is empty, and what to do."""
    if problem is not None:
        st.warning(f"The queue {queue} needs the model in service: {problem}")
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
    with st.container(border=True):
        st.markdown(text)

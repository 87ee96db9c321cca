"""Download and upload of golden labels as files, and what was uploaded before, to be undone."""

from __future__ import annotations

import tempfile
from pathlib import Path

import psycopg
import streamlit as st

from include.annotation.labels.import_batches import PastImport, may_undo
from include.annotation.labels.transfer import export_labels
from include.annotation.labels.upload import start_upload
from include.datasets.golden_file_writer import SUFFIXES
from include.errors import UserError
from include.settings import get_settings
from streamlit_apps.tagger.session import annotation_service

MOST_IMPORTS = 20
"""Imports that are listed, the latest first."""


def show_files(annotator: str, version: int) -> None:
    """Download all standing labels; import labels from a file, all of them or none; undo an import."""
    st.subheader("Golden labels as files")
    out, into = st.columns(2, gap="large")
    with out:
        suffix = st.selectbox("Format", SUFFIXES, key="export_format")
        st.download_button(
            "Download all golden labels",
            data=lambda: exported(suffix),
            file_name=f"golden_labels{suffix}",
            icon=":material/download:",
        )
    with into:
        given = st.file_uploader(
            "JSONL, CSV or parquet of id_str, label[, text, annotator, hard]",
            key="import_file",
        )
        st.caption("Every label counts as yours; another annotator's name in the file is kept as a note.")
        partial = st.toggle("Import the good rows even if others are bad", key="import_partial")
        waits = st.session_state.get("upload") is not None
        if given is not None and st.button("Import", key="import", type="primary", disabled=waits):
            begin_import(given.name, given.getvalue(), annotator, version, partial)
        if st.session_state.get("upload") is not None:
            show_upload()
        show_uploaded()
    show_imports(annotator)


def show_imports(annotator: str) -> None:
    """Earlier imports, the latest first; those that the annotator may undo have a button for it."""
    st.subheader("Imports")
    if told := st.session_state.pop("import_notice", None):
        st.info(_as_text(told))
    past = annotation_service().imports(MOST_IMPORTS + 1)
    if not past:
        st.caption("No import has added labels.")
    for one in past[:MOST_IMPORTS]:
        show_import(one, annotator)
    if len(past) > MOST_IMPORTS:
        st.caption(
            "`python -m include.annotation.labels.transfer imports` lists the earlier ones too;"
            " `undo ID` in place of `imports` undoes one."
        )
    st.caption("Who brought a file may undo its import, and so may adjudicators.")


def show_import(one: PastImport, annotator: str) -> None:
    """One line; after a press on its button the question whether that is meant."""
    undoable = one.undone_at is None and may_undo(one, annotator, get_settings())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(str(one), width="stretch")
        if undoable:
            st.button("Undo this import", key=f"undo_import_{one.id}", on_click=_ask, args=(one.id,))
    if undoable and st.session_state.get("import_to_undo") == one.id:
        st.text(f"Take back all {one.labels} labels of import {one.id}? What people label by hand stays.")
        with st.container(horizontal=True):
            st.button(
                "Yes, undo it",
                key=f"undo_import_{one.id}_yes",
                type="primary",
                on_click=_undo,
                args=(one, annotator),
            )
            st.button("No", key=f"undo_import_{one.id}_no", on_click=_ask, args=(None,))


def _ask(import_id: int | None) -> None:
    st.session_state["import_to_undo"] = import_id


def _undo(one: PastImport, annotator: str) -> None:
    _ask(None)
    try:
        count = annotation_service().undo_import(one, annotator)
        told = f"import {one.id} is undone: {count} labels taken back"
    except UserError as refused:
        told = str(refused)
    except psycopg.Error:
        told = "Not undone: the database refused it. Try again."
    st.session_state["import_notice"] = told


def exported(suffix: str) -> bytes:
    """Every standing label, as the file's bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"golden_labels{suffix}")
        export_labels(path, get_settings())
        return path.read_bytes()


def begin_import(name: str, content: bytes, annotator: str, version: int, partial: bool) -> None:
    """Start an import in a process of its own; what is to be said of it is in the session."""
    try:
        upload = start_upload(name, content, annotator, version, partial, get_settings())
        st.session_state["upload"] = upload
    except UserError as refused:
        st.error(_as_text(str(refused)))


@st.fragment(run_every=1.0)
def show_upload() -> None:
    """How far this session's import is; the page is drawn again when it has ended."""
    upload = st.session_state.get("upload")
    if upload is None:
        return
    upload.look()
    if upload.told is None:
        st.info(f"The import of the file is under way: {upload.read:,} rows read. Go on with something else.")
    else:
        st.session_state["upload"], st.session_state["uploaded"] = None, upload
        st.rerun()


def show_uploaded() -> None:
    """What became of this session's last import."""
    upload = st.session_state.pop("uploaded", None)
    if upload is not None:
        (st.success if upload.taken else st.error)(_as_text(upload.told))


def _as_text(text: str) -> str:
    """Preformatted lines: ids come from the file, and must not become markup."""
    return "```text\n" + text.replace("```", "'''") + "\n```"

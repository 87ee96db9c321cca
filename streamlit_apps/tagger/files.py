"""Download and upload of golden labels as files, and what was uploaded before, to be undone."""

from __future__ import annotations

import tempfile
from pathlib import Path

import psycopg
import streamlit as st

from include.annotation.labels.import_batches import PastImport, may_undo
from include.annotation.labels.importing import ImportReport, Upload, import_labels
from include.annotation.labels.transfer import export_labels
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
        if given is not None and st.button("Import", key="import", type="primary"):
            told = imported(given.name, given.getvalue(), annotator, version, partial)
            (st.success if isinstance(told, ImportReport) else st.error)(_as_text(str(told)))
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


def imported(
    name: str, content: bytes, annotator: str, version: int, partial: bool
) -> ImportReport | UserError:
    """The report of an import, whose labels are all the annotator's; or why it was refused, line by line."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "uploaded" + "".join(Path(name).suffixes[-2:]))
        path.write_bytes(content)
        try:
            upload = Upload(annotator, name, names_count=False)
            report = import_labels(path, version, get_settings(), annotator, partial, upload)
        except UserError as refused:
            return UserError(str(refused).replace(str(path), name))
        report.path = name
        return report


def _as_text(text: str) -> str:
    """Preformatted lines: ids come from the file, and must not become markup."""
    return "```text\n" + text.replace("```", "'''") + "\n```"

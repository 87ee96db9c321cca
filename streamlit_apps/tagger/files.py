"""Download and upload of golden labels as files."""

from __future__ import annotations

import tempfile
from pathlib import Path

import streamlit as st

from include.annotation.labels.transfer import ImportReport, export_labels, import_labels
from include.datasets.golden_file_writer import SUFFIXES
from include.errors import UserError
from include.settings import get_settings


def show_files(annotator: str, version: int) -> None:
    """Download all standing labels; import labels from a file, all of them or none."""
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
        partial = st.toggle("Import the good rows even if others are bad", key="import_partial")
        if given is not None and st.button("Import", key="import", type="primary"):
            told = imported(given.name, given.getvalue(), annotator, version, partial)
            (st.success if isinstance(told, ImportReport) else st.error)(_as_text(str(told)))


def exported(suffix: str) -> bytes:
    """Every standing label, as the file's bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"golden_labels{suffix}")
        export_labels(path, get_settings())
        return path.read_bytes()


def imported(
    name: str, content: bytes, annotator: str, version: int, partial: bool
) -> ImportReport | UserError:
    """The report of an import, or why it was refused, line by line."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "uploaded" + "".join(Path(name).suffixes[-2:]))
        path.write_bytes(content)
        try:
            report = import_labels(path, version, get_settings(), annotator, partial)
        except UserError as refused:
            return UserError(str(refused).replace(str(path), name))
        report.path = name
        return report


def _as_text(text: str) -> str:
    """Preformatted lines: ids come from the file, and must not become markup."""
    return "```text\n" + text.replace("```", "'''") + "\n```"

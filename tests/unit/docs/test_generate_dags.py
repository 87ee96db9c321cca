"""docs/dags.md says what the DAG files say."""

from __future__ import annotations

import runpy

from include.settings import PROJECT_ROOT


def test_dags_md_is_what_the_docstrings_say():
    manuals = runpy.run_path(str(PROJECT_ROOT / "docs" / "generate_dags.py"))["manuals"]
    assert (PROJECT_ROOT / "docs" / "dags.md").read_text() == manuals(), "run `make docs`"

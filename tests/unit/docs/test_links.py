"""What the documents name is there: files they link to, headings in those, and make's targets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from include.settings import PROJECT_ROOT

FOLDERS = (".github", "docs", "include", "k8s", "streamlit_apps", "tests", "tools")
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s#]*)(?:#([^)\s]+))?\)")
TARGET = re.compile(r"^ {4}make ([a-z-]+)|`make ([a-z-]+)", re.M)


def documents() -> list[Path]:
    """Every Markdown file of ours."""
    within = [path for folder in FOLDERS for path in (PROJECT_ROOT / folder).rglob("*.md")]
    return sorted([*PROJECT_ROOT.glob("*.md"), *within])


def anchors(path: Path) -> set[str]:
    """The names by which a file's headings are linked to, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_a_heading_is_linked_to_by_its_words(tmp_path):
    file = tmp_path / "a.md"
    file.write_text("# Who may log in?\n\n## `make demo`, twice\n")
    assert anchors(file) == {"who-may-log-in", "make-demo-twice"}


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(PROJECT_ROOT)))
def test_links_lead_somewhere(path):
    for name, heading in LINK.findall(path.read_text(encoding="utf-8")):
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), f"{name} is linked to, and not there"
        assert not heading or heading in anchors(target), f"{name} has no heading {heading}"


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(PROJECT_ROOT)))
def test_targets_of_make_are_there(path):
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT_ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    named = {one or other for one, other in TARGET.findall(path.read_text(encoding="utf-8"))}
    assert named <= targets


def test_hooks_run_programs_of_the_lock():
    hooks = yaml.safe_load((PROJECT_ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    lock = (PROJECT_ROOT / "requirements.lock").read_text(encoding="utf-8")
    for hook in hooks["repos"][0]["hooks"]:
        program = hook["entry"].split()[0].removeprefix(".venv/bin/")
        assert hook["language"] == "system", "nothing is downloaded that no hash pins"
        assert program == "python" or f"\n{program}==" in f"\n{lock}"

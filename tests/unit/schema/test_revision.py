"""The revisions' files, and what is needed to know the latest without Alembic."""

from __future__ import annotations

import subprocess
import sys

from alembic.config import Config
from alembic.script import ScriptDirectory

from include.schema.__main__ import main
from include.schema.revision import MIGRATIONS, SchemaNotCurrent, latest_revision
from include.settings import PROJECT_ROOT


def script() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config)


def test_the_revisions_are_one_chain_numbered_by_their_files() -> None:
    steps = list(script().walk_revisions())[::-1]
    assert [step.revision for step in steps] == [f"{number:04}" for number in range(1, len(steps) + 1)]
    for step in steps:
        assert step.path.rpartition("/")[2].startswith(f"{step.revision}_")
        assert step.doc


def test_the_latest_revision_is_that_of_alembic() -> None:
    assert [latest_revision()] == script().get_heads()


def test_the_message_tells_an_older_from_a_later_database() -> None:
    assert "at revision 0000, this release needs revision" in str(SchemaNotCurrent("0000"))
    assert "make up" in str(SchemaNotCurrent("0000"))
    assert "later release" in str(SchemaNotCurrent("9999"))


def test_history_lists_every_revision(capsys) -> None:
    assert main(["history"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("0001  The shared tables")
    assert len(lines) == int(latest_revision())


def test_only_an_upgrade_imports_alembic() -> None:
    modules = "include.schema.revision, include.schema.__main__, include.local_stack.stack, "
    modules += "include.annotation.service, include.sources.collect"
    found = subprocess.run(
        [sys.executable, "-c", f"import sys, {modules}; print('alembic' in sys.modules)"],
        cwd=PROJECT_ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert found.stdout.strip() == "False"

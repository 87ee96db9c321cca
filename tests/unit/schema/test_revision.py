"""The revisions' files, and what is needed to know the latest without Alembic."""

from __future__ import annotations

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from include.schema.__main__ import main
from include.schema.revision import MIGRATIONS, SchemaNotCurrent, latest_revision
from tests.support.imports import loaded_by


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


@pytest.mark.parametrize("module", ["include.local_stack.stack", "include.annotation.service"])
def test_only_an_upgrade_imports_alembic(module: str) -> None:
    assert "alembic" not in loaded_by(module)

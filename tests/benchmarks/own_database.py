"""A database of a benchmark's own, prepared, in a folder that is gone afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from include.infra.processes.ports import free_ports
from include.infra.processes.service import running
from include.local_stack import postgres
from include.local_stack.database.preparation import prepare_databases
from include.settings import Settings, get_settings


@contextmanager
def own_database() -> Iterator[Settings]:
    """The settings of it, which ``get_settings`` gives meanwhile too."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWEETSIEVE_POSTGRES_PORT", str(free_ports(1)[0]))
        patch.setenv("TWEETSIEVE_STATE_DIR", folder)
        get_settings.cache_clear()
        settings = get_settings()
        with running(postgres.service(settings), settings.logs_dir):
            prepare_databases(settings)
            yield settings

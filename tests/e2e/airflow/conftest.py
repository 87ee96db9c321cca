"""A whole embedded stack of the end-to-end tests' own, Airflow included; driven as a user drives it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from include.infra.processes.ports import free_port_settings
from include.settings import PROJECT_ROOT, Settings


@dataclass(frozen=True)
class Stack:
    """Commands against one stack, each in a process of its own."""

    settings: Settings
    environment: dict[str, str]

    def python(self, *arguments: str, timeout: int = 3000) -> subprocess.CompletedProcess[str]:
        """Run ``python <arguments>`` from the checkout; the caller checks the exit code."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=PROJECT_ROOT,
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
            check=False,
        )

    def airflow(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Airflow's own command line as users do on this stack."""
        return self.python("-m", "include.local_stack", "airflow", *arguments)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The stack, up; afterwards it is down and none of its processes is left."""
    ports: dict[str, Any] = {**free_port_settings()}
    settings = own_settings(state_dir=tmp_path_factory.mktemp("e2e"), **ports)
    variables = {name: value for name, value in os.environ.items() if not name.startswith("TWEETSIEVE_")}
    variables |= {f"TWEETSIEVE_{name.upper()}": str(port) for name, port in ports.items()}
    variables["TWEETSIEVE_STATE_DIR"] = str(settings.state_dir)
    variables["TWEETSIEVE_CANARY_SECONDS"] = "5"
    given = [tmp_path_factory.getbasetemp(), PROJECT_ROOT.parent / "shared" / "data"]
    variables["TWEETSIEVE_INPUT_FOLDERS"] = os.pathsep.join(map(str, given))
    variables["TWEETSIEVE_EXPORT_FOLDERS"] = str(given[0])
    running = Stack(settings, variables)
    try:
        done = running.python("-m", "include.local_stack", "up")
        assert done.returncode == 0, done.stdout
        yield running
    finally:
        done = running.python("-m", "include.local_stack", "down")
        assert done.returncode == 0, done.stdout
        assert _processes_of(settings.state_dir) == []


def own_settings(**values: Any) -> Settings:
    """Of these values alone: other tests of this process have a stack, and its passwords, by variables."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("TWEETSIEVE_")]:
            patch.delenv(name)
        return Settings(_env_file=None, **values)


def pytest_exception_interact(node: pytest.Item) -> None:
    """Keep a picture of what a browser shows when a test of it fails."""
    pages = getattr(node, "funcargs", {}).get("pages")
    if pages is not None:
        print(f"what the browser showed: {pages.picture(node.name)}")


@pytest.fixture(scope="session")
def dags_test(stack: Stack) -> Callable[..., str]:
    """``airflow dags test <dag> --conf <conf>`` that must succeed; returns its output."""

    def run(dag_id: str, conf: str) -> str:
        done = stack.airflow("dags", "test", dag_id, "--conf", conf)
        assert done.returncode == 0, done.stdout[-6000:]
        assert "state=success" in done.stdout, done.stdout[-6000:]
        return done.stdout

    return run


def _processes_of(state_dir: Path) -> list[str]:
    """Command lines that name the stack's state folder; Linux only, as CI is."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            text = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if os.fsencode(state_dir) in text and int(process.name) != os.getpid():
            found.append(process.name)
    return found

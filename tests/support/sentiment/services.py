"""Both scoring services, as the embedded stack runs them, on ports of a test's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import psutil
import pytest

from include.infra.processes.ports import free_ports
from include.infra.processes.service import Service, running
from include.local_stack.streams import beside_stream
from include.settings import Settings
from include.workloads.sentiment.base.settings import Version, sentiment_settings
from include.workloads.sentiment.workload import service


@dataclass(frozen=True)
class Scoring:
    """A running service."""

    url: str
    pid: int

    def replicas(self) -> list[psutil.Process]:
        """The processes that answer."""
        return psutil.Process(self.pid).children()

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=5, trust_env=False).is_success
        except httpx.HTTPError:
            return False


@contextmanager
def own_settings(**values: str) -> Iterator[pytest.MonkeyPatch]:
    """The workload's settings, with free ports and these values, here and in programs that are started."""
    ports = dict(zip(("a_port", "b_port"), map(str, free_ports(2)), strict=True))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (ports | values).items():
            patch.setenv(f"TWEETSIEVE_SENTIMENT_{name.upper()}", value)
        sentiment_settings.cache_clear()
        yield patch
    sentiment_settings.cache_clear()


def program(settings: Settings, version: Version) -> Service:
    """The service of a version."""
    return beside_stream(settings, service(version))


@contextmanager
def scoring(settings: Settings, version: Version) -> Iterator[Scoring]:
    """The service of a version, gone at the end."""
    with running(program(settings, version), settings.logs_dir) as child:
        yield Scoring(sentiment_settings().url(version, settings), child.pid)

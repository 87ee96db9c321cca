"""A server that does not answer at once: questions are asked again, changes are sent once."""

from __future__ import annotations

import httpx
import pytest

from include.local_stack.airflow.api import AirflowApi


class Busy(httpx.BaseTransport):
    """Lets the first requests of a method wait too long; logins always succeed."""

    def __init__(self, failures: int) -> None:
        self.failures, self.asked = failures, list[str]()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/auth/token":
            return httpx.Response(201, json={"access_token": "a"})
        self.asked.append(request.method)
        if len(self.asked) <= self.failures:
            raise httpx.ReadTimeout("timed out", request=request)
        return httpx.Response(200, json={"is_paused": False, "dag_run_id": "run"})


def api(transport: httpx.BaseTransport, patience: float = 60) -> AirflowApi:
    return AirflowApi("http://localhost", "admin", "", poll_seconds=0, patience=patience, transport=transport)


def test_a_question_is_asked_again_until_it_is_answered() -> None:
    server = Busy(failures=3)
    assert not api(server).is_paused("dag")
    assert server.asked == ["GET"] * 4


def test_patience_ends() -> None:
    with pytest.raises(httpx.ReadTimeout):
        api(Busy(failures=10**6), patience=0).is_paused("dag")


def test_a_run_is_started_once() -> None:
    server = Busy(failures=1)
    with pytest.raises(httpx.ReadTimeout):
        api(server).trigger("dag", 1, {})
    assert server.asked == ["POST"]

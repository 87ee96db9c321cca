"""What changes while the server runs: versions, labels, failed loads, a broken configuration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from include.infra.processes.ports import free_ports
from include.serving.client import ServingClient
from include.serving.config import ModelConfig, write_config
from include.serving.errors import ServingError
from tests.support.models import tiny_models
from tests.support.models.model_server import await_available, log_of, model_server, predict, state
from tests.support.waiting import await_true

pytestmark = pytest.mark.stack


class ChangingServer:
    """A server whose configuration a test changes; every test has its own model."""

    def __init__(self, http: httpx.Client, config: Path, folder: Path) -> None:
        self.http, self.config, self.folder = http, config, folder
        assert http.base_url.port is not None
        self.port = http.base_url.port

    def write(self, name: str, versions: tuple[int, ...], **labels: int) -> None:
        write_config(self.config, [ModelConfig(name, str(self.folder / name), versions, labels)])

    def serve(self, name: str, versions: tuple[int, ...], **labels: int) -> None:
        """Make half_plus models of those versions, and wait until they are there."""
        for version in versions:
            tiny_models.half_plus(self.folder / name / str(version), version + 1)
        self.write(name, versions, **labels)
        for version in versions:
            await_available(self.http, name, version)

    def ask(self, target: str) -> tuple[int, dict]:
        return predict(self.http, target, {"inputs": [1]})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChangingServer]:
    folder = tmp_path_factory.mktemp("changing")
    config = folder / "models.config"
    with model_server(free_ports(1)[0], config, folder / "logs") as client:
        yield ChangingServer(client, config, folder)


def test_it_is_up_before_there_is_a_model(server: ChangingServer) -> None:
    assert server.http.get("/v1/models/moving/metadata").status_code == 404
    await_true(lambda: server.ask("moving/labels/stable")[0] == 400)  # 503 until the file was looked for
    assert server.ask("moving")[0] == 404


def test_a_version_is_added_moved_to_and_dropped(server: ChangingServer) -> None:
    server.serve("moving", (1,), stable=1)
    await_true(lambda: server.ask("moving/labels/stable") == (200, {"outputs": [2.5]}))
    tiny_models.half_plus(server.folder / "moving" / "2", 3)
    server.write("moving", (1, 2), stable=1)
    await_true(lambda: state(server.http, "moving", 2) == "AVAILABLE")
    assert server.ask("moving/labels/stable") == (200, {"outputs": [2.5]})
    assert server.ask("moving") == (200, {"outputs": [3.5]})
    server.write("moving", (2,), stable=2)
    await_true(lambda: state(server.http, "moving", 1) == "END")
    await_true(lambda: server.ask("moving/labels/stable") == (200, {"outputs": [3.5]}))
    write_config(server.config, [])
    await_true(lambda: state(server.http, "moving", 2) == "END")
    assert server.ask("moving")[0] == 404


def test_a_failed_load_leaves_the_old_version_serving(server: ChangingServer) -> None:
    server.serve("failing", (1,), stable=1)
    tiny_models.broken(server.folder / "failing" / "2")
    server.write("failing", (2,), stable=1)
    await_true(lambda: state(server.http, "failing", 2) == "END")
    failed = server.http.get("/v1/models/failing/versions/2").json()["model_version_status"][0]["status"]
    assert failed["error_code"] != "OK"
    assert failed["error_message"]
    assert server.ask("failing") == (200, {"outputs": [2.5]})
    await_true(lambda: server.ask("failing/labels/stable") == (200, {"outputs": [2.5]}))
    with (
        ServingClient(str(server.http.base_url), "failing") as client,
        pytest.raises(ServingError, match="failed to load"),
    ):
        client.wait_available(2, timeout=60)


def test_a_label_and_its_new_version_in_one_step_are_refused(server: ChangingServer) -> None:
    """As by TensorFlow Serving, where whoever does so would wait for ever."""
    server.serve("swapped", (1,), stable=1)
    tiny_models.half_plus(server.folder / "swapped" / "2", 3)
    server.write("swapped", (2,), stable=2)
    await_true(
        lambda: (
            "Request to assign label stable to version 2 of model swapped" in log_of(server.folder / "logs")
        )
    )
    assert server.ask("swapped/labels/stable") == (200, {"outputs": [2.5]})
    assert state(server.http, "swapped", 2) is None


def test_a_failed_version_is_tried_again_when_it_is_wanted_again(server: ChangingServer) -> None:
    server.serve("repaired", (1,))
    tiny_models.broken(server.folder / "repaired" / "2")
    server.write("repaired", (1, 2))
    await_true(lambda: state(server.http, "repaired", 2) == "END")
    server.serve("repaired", (3,))  # a new version in service proves that this file was read, without 2
    (server.folder / "repaired" / "2" / "saved_model.pb").unlink()
    server.serve("repaired", (2,))
    assert server.ask("repaired") == (200, {"outputs": [3.5]})


def test_a_broken_configuration_changes_nothing(server: ChangingServer) -> None:
    server.serve("kept", (1,))
    server.config.write_text("model_config_list {")
    await_true(lambda: "keeping the last configuration" in log_of(server.folder / "logs"))
    assert server.ask("kept")[0] == 200

"""Which versions are loaded, with a stand-in for loading alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from include.serving.config import ModelConfig, write_config
from include.serving.local_server.errors import RequestError
from include.serving.local_server.manager import Manager


class Loads:
    """Counts loads; versions in ``broken`` fail that many times."""

    def __init__(self) -> None:
        self.tries: list[str] = []
        self.broken: dict[str, int] = {}

    def __call__(self, path: Path) -> str:
        self.tries.append(path.name)
        if self.broken.get(path.name, 0) > 0:
            self.broken[path.name] -= 1
            raise OSError("damaged")
        return f"model {path.name}"


Want = Callable[..., None]


@pytest.fixture
def loads() -> Loads:
    return Loads()


@pytest.fixture
def manager(tmp_path: Path, loads: Loads) -> Manager:
    for version in ("1", "2", "3"):
        (tmp_path / "m" / version).mkdir(parents=True)
    return Manager(tmp_path / "models.config", load=loads, retry_seconds=0)


@pytest.fixture
def want(manager: Manager, tmp_path: Path) -> Want:
    def write(*versions: int, **labels: int) -> None:
        write_config(manager.config_path, [ModelConfig("m", str(tmp_path / "m"), versions, labels)])
        manager.reconcile()

    return write


def states(manager: Manager) -> dict[str, str]:
    return {entry["version"]: entry["state"] for entry in manager.status("m")}


def test_the_largest_answers_by_default(manager: Manager, want: Want) -> None:
    want(1, 3)
    assert manager.lookup("m") == (3, "model 3")
    assert manager.lookup("m", 1) == (1, "model 1")


def test_nothing_is_loaded_twice(manager: Manager, want: Want, loads: Loads) -> None:
    want(1)
    want(1)
    want(1, 2)
    assert loads.tries == ["1", "2"]


def test_the_old_one_stays_until_a_wanted_one_is_there(manager: Manager, want: Want, loads: Loads) -> None:
    want(1)
    loads.broken["2"] = 1
    want(2)
    assert states(manager) == {"2": "END", "1": "AVAILABLE"}
    assert "damaged" in manager.status("m", 2)[0]["status"]["error_message"]
    want(2)
    assert loads.tries == ["1", "2"]  # not tried again while it stays wanted
    want(1)
    want(2)
    assert states(manager) == {"2": "AVAILABLE", "1": "END"}


def test_retries(manager: Manager, want: Want, loads: Loads) -> None:
    manager.max_retries = 2
    loads.broken["1"] = 2
    want(1)
    assert loads.tries == ["1", "1", "1"]
    assert states(manager) == {"1": "AVAILABLE"}


def test_labels_move_together_or_not_at_all(manager: Manager, want: Want, loads: Loads) -> None:
    with pytest.raises(RequestError, match="does not init yet") as caught:
        manager.lookup("m", label="stable")
    assert caught.value.http_status == 503
    want(1, stable=1)
    loads.broken["2"] = 1
    want(1, 2, stable=2, old=1)
    assert manager.lookup("m", label="stable")[0] == 1
    with pytest.raises(RequestError, match="Unrecognized servable version label: old"):
        manager.lookup("m", label="old")


def test_the_first_configuration_is_loaded_whole_or_fails(
    manager: Manager, want: Want, loads: Loads, tmp_path: Path
) -> None:
    want(1, 2)
    assert manager.load_first() == ""
    assert states(manager) == {"2": "AVAILABLE", "1": "AVAILABLE"}
    loads.broken["3"] = 1
    want(1, 3)
    assert manager.load_first().startswith("m version 3: ")


def test_a_label_in_use_moves_only_to_a_version_that_is_loaded(manager: Manager, want: Want) -> None:
    want(1, stable=1)
    want(2, stable=2)
    with pytest.raises(RequestError, match=r"Servable not found for request: Specific\(m, 1\)"):
        manager.lookup("m", label="stable")
    manager.reconcile()
    assert manager.lookup("m", label="stable")[0] == 2


def test_a_model_left_out_is_unloaded(manager: Manager, want: Want) -> None:
    want(1)
    write_config(manager.config_path, [])
    manager.reconcile()
    assert states(manager) == {"1": "END"}


def test_a_version_without_a_folder_is_unknown(manager: Manager, want: Want) -> None:
    want(9)
    with pytest.raises(RequestError, match="Could not find version 9 of model m"):
        manager.status("m", 9)


def test_a_lasting_fault_is_logged_once(
    manager: Manager, want: Want, caplog: pytest.LogCaptureFixture
) -> None:
    want(8, 9)
    want(8, 9)
    assert sum("asked for" in message for message in caplog.messages) == 2

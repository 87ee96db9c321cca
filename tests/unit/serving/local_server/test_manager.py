"""Which versions are loaded, with a stand-in for loading alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from include.serving.config import ModelConfig, write_config
from include.serving.local_server.manager import Manager
from include.serving.local_server.payload.errors import RequestError
from tests.support.waiting import await_true


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


@pytest.mark.parametrize(
    ("broken", "enough", "all_of_them"),
    [((), "", ""), (("3",), "", "m version 3: damaged"), (("1", "3"), "damaged", "damaged")],
    ids=["none", "one", "all"],
)
def test_the_first_configuration_is_there_or_says_what_failed(
    manager: Manager, want: Want, loads: Loads, broken: tuple[str, ...], enough: str, all_of_them: str
) -> None:
    loads.broken = dict.fromkeys(broken, 1)
    want(1, 3)
    manager.start()
    manager.stop()
    assert enough in manager.wait_for_first()
    assert all_of_them in manager.wait_for_first(every=True)
    assert bool(manager.wait_for_first(every=True)) == bool(broken)


def test_a_label_in_use_moves_only_to_a_version_that_is_loaded(manager: Manager, want: Want) -> None:
    """And nothing else of that configuration is taken, however often it is read."""
    want(1, stable=1)
    want(2, stable=2)
    manager.reconcile()
    assert states(manager) == {"1": "AVAILABLE"}
    assert manager.lookup("m", label="stable")[0] == 1
    want(1, 2, stable=1)
    want(2, stable=2)
    assert manager.lookup("m", label="stable")[0] == 2
    assert states(manager) == {"2": "AVAILABLE", "1": "END"}


@pytest.mark.parametrize("ahead", [True, False])
def test_a_new_label_may_be_ahead_of_its_version(manager: Manager, want: Want, ahead: bool) -> None:
    manager.labels_ahead = ahead
    want(1)
    want(1, 9, stable=9)
    says = r"Specific\(m, 9\)" if ahead else "Unrecognized servable version label: stable"
    with pytest.raises(RequestError, match=says) as caught:
        manager.lookup("m", label="stable")
    assert caught.value.http_status == (404 if ahead else 400)


@pytest.mark.parametrize("text", [None, "", "# nothing", "nonsense", "custom_model_config {}"])
def test_what_is_no_configuration_changes_nothing(manager: Manager, want: Want, text: str | None) -> None:
    want(1, stable=1)
    if text is None:
        manager.config_path.unlink()
    else:
        manager.config_path.write_text(text)
    manager.reconcile()
    assert manager.lookup("m", label="stable") == (1, "model 1")


def test_a_base_path_that_is_gone_unloads_nothing(manager: Manager, want: Want, tmp_path: Path) -> None:
    want(1)
    (tmp_path / "m").rename(tmp_path / "gone")
    manager.reconcile()
    assert states(manager) == {"1": "AVAILABLE"}
    write_config(manager.config_path, [])
    manager.reconcile()
    assert states(manager) == {"1": "END"}


def test_of_unwanted_versions_the_highest_stays_until_another_is_there(
    manager: Manager, want: Want, loads: Loads
) -> None:
    want(1, 2)
    loads.broken["3"] = 1
    want(3)
    assert states(manager) == {"3": "END", "2": "AVAILABLE", "1": "END"}


def test_one_model_without_a_file(manager: Manager, tmp_path: Path) -> None:
    manager.only = ModelConfig("one", str(tmp_path / "m"), policy="latest")
    manager.reconcile()
    assert manager.lookup("one") == (3, "model 3")


@pytest.mark.parametrize(("poll", "folder"), [(0, 0.001), (0.001, 0), (0.001, 0.001)])
def test_a_thread_follows_file_and_folders(
    manager: Manager, want: Want, tmp_path: Path, poll: float, folder: float
) -> None:
    manager.poll_seconds, manager.folder_seconds = poll, folder
    write_config(manager.config_path, [ModelConfig("m", str(tmp_path / "m"), policy="latest")])
    manager.start()
    assert manager.wait_for_first() == ""
    if folder:
        (tmp_path / "m" / "4").mkdir()
        await_true(lambda: "4" in states(manager))
    if poll:
        write_config(manager.config_path, [ModelConfig("m", str(tmp_path / "m"), (1,))])
        await_true(lambda: "1" in states(manager))
    manager.stop()


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

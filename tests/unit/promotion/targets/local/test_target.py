"""The local target's steps in the configuration file of a strict model server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from include.promotion.targets.local.target import LocalTarget
from include.serving.client import ServingClient
from include.serving.config import ModelConfig, config_file, read_config, write_config
from include.serving.errors import ServingUnavailable
from include.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path)


class Server(ServingClient):
    """A model server as strict as TensorFlow Serving; it reads its file again each time it is asked."""

    def __init__(self, settings: Settings) -> None:
        self._file = config_file(settings)
        self.model_name = settings.model_name
        self.down = False
        self.loaded: set[int] = set()
        self.labels: dict[str, int] = {}
        self.seen: list[tuple[set[int], dict[str, int]]] = []

    def has(self, version: int) -> bool:
        ready = version in self.loaded
        self._reload()
        return ready

    def serves(self, version: int) -> bool:
        ready = self.labels.get("stable") == version
        self._reload()
        return ready

    def _reload(self) -> None:
        if self.down:
            raise ServingUnavailable("no answer")
        (config,) = [one for one in read_config(self._file) if one.name == self.model_name]
        moved = {
            label: version for label, version in config.labels.items() if self.labels.get(label) != version
        }
        assert set(moved.values()) <= self.loaded, "a label was moved to a version that is not loaded"
        assert set(self.labels.values()) <= set(config.versions), "calls for the label would have failed"
        self.loaded, self.labels = set(config.versions), config.labels
        if (self.loaded, self.labels) not in self.seen[-1:]:
            self.seen.append((self.loaded, self.labels))


def until_done(step: Callable[[], str]) -> None:
    for _ in range(20):
        if not step():
            return
    raise AssertionError(step())


@pytest.fixture
def server(settings: Settings) -> Server:
    return Server(settings)


@pytest.fixture
def target(settings: Settings, server: Server) -> LocalTarget:
    return LocalTarget(settings, server)


def test_a_version_is_loaded_then_gets_the_label_then_the_others_go(
    target: LocalTarget, server: Server
) -> None:
    until_done(lambda: target.load(5))
    assert target.current() is None, "nothing was verified yet"
    until_done(lambda: target.serve(5))
    assert target.current() == 5
    until_done(lambda: target.load(4))
    assert target.current() == 5
    until_done(lambda: target.serve(4))
    until_done(lambda: target.serve(5))  # 4 failed, and 5 is gone: it has to be loaded again first
    assert server.seen == [
        ({5}, {}),
        ({5}, {"stable": 5}),
        ({4, 5}, {"stable": 5}),
        ({4, 5}, {"stable": 4}),
        ({4, 5}, {"stable": 5}),
    ]
    assert target.current() == 5
    assert target.serve(None) == ""
    assert target.current() is None


def test_a_version_that_serves_again_was_loaded_first(target: LocalTarget, server: Server) -> None:
    until_done(lambda: target.serve(5))
    until_done(lambda: target.serve(4))
    until_done(lambda: target.load(4))
    assert (server.loaded, server.labels) == ({4}, {"stable": 4})
    until_done(lambda: target.serve(5))
    until_done(lambda: target.load(5))
    assert (server.loaded, server.labels) == ({5}, {"stable": 5})


def test_a_server_that_is_down_is_asked_for_the_wanted_version_alone(
    target: LocalTarget, server: Server
) -> None:
    """It may have died of the candidate, and would again at each start."""
    until_done(lambda: target.serve(5))
    target.load(4)
    server.down = True
    with pytest.raises(ServingUnavailable):
        target.serve(5)
    (config,) = read_config(target.config_path)
    assert (config.versions, config.labels) == ((5,), {"stable": 5})


class Refusing(Server):
    """One that doesn't take a file which moves a label in use to a version that isn't loaded."""

    def answering_version(self) -> int | None:
        if self.down:
            raise ServingUnavailable("no answer")
        return self.labels.get("stable")

    def _reload(self) -> None:
        (config,) = [one for one in read_config(self._file) if one.name == self.model_name]
        ahead = {label for label, version in config.labels.items() if version not in self.loaded}
        if self.down or not any(label in self.labels for label in ahead):
            super()._reload()


def test_a_server_that_is_up_again_is_brought_to_take_the_file(settings: Settings) -> None:
    """The file written while it was down moves the label in use to a version that it has not loaded."""
    server = Refusing(settings)
    target = LocalTarget(settings, server)
    until_done(lambda: target.load(5))
    until_done(lambda: target.serve(5))
    server.down = True
    with pytest.raises(ServingUnavailable):
        target.serve(4)
    server.down = False
    until_done(lambda: target.serve(4))
    until_done(lambda: target.load(4))
    assert (server.loaded, server.labels) == ({4}, {"stable": 4})
    assert ({4, 5}, {"stable": 5}) in server.seen, "5 went on serving until 4 was loaded"


def test_asking_again_writes_nothing(target: LocalTarget) -> None:
    until_done(lambda: target.serve(5))
    before = target.config_path.stat().st_ino
    until_done(lambda: target.serve(5))
    assert target.config_path.stat().st_ino == before


def test_other_models_of_the_file_stay(target: LocalTarget) -> None:
    other = ModelConfig("other", "/other", (1,))
    write_config(target.config_path, [other])
    until_done(lambda: target.serve(5))
    assert other in read_config(target.config_path)

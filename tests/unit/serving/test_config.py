"""TF Serving's configuration file."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.serving.config import (
    ConfigError,
    ModelConfig,
    config_file,
    configured,
    parse_config,
    read_config,
    write_config,
)
from include.settings import Settings
from tests.support.imports import loaded_by

DOCUMENTED = """
model_config_list {
  config {
    name: 'my_first_model'
    base_path: '/tmp/my_first_model/'
    model_platform: 'tensorflow'
    model_version_policy { specific { versions: 42 versions: 43 } }
    version_labels { key: 'stable' value: 42 }
    version_labels { key: 'canary' value: 43 }
  }
  config { name: "m2", base_path: "/m2" }  # a comment
}
"""


def test_the_documented_form() -> None:
    first, second = parse_config(DOCUMENTED)
    assert first == ModelConfig(
        "my_first_model", "/tmp/my_first_model/", (42, 43), {"stable": 42, "canary": 43}
    )
    assert (second.policy, second.num_versions) == ("latest", 1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("model_config_list {", "1:"),
        ("models { }", "models"),
        ("model_config_list { config { name: 'a' base_path: 3 } }", "1:"),
        ("model_config_list { config { name: 'a' } }", "base_path"),
        (
            "model_config_list { config { name: 'a' base_path: '/a' } config { name: 'a' base_path: '/b' } }",
            "twice",
        ),
        (
            "model_config_list { config { name: 'a' base_path: '/a' logging_config {} } }",
            "logging_config: not supported",
        ),
        ("custom_model_config { type_url: 'x' }", "custom_model_config"),
    ],
)
def test_errors_name_the_place(text: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "models.config"
    file.write_text(text)
    with pytest.raises(ConfigError, match=says) as caught:
        read_config(file)
    assert str(file) in str(caught.value)


def test_nothing_yet(tmp_path: Path) -> None:
    assert read_config(tmp_path / "none") == []
    assert parse_config("") == []


def test_written_in_one_step_and_read_again(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "models.config"
    models = [ModelConfig("a", "/a", (3,), {"stable": 3}), ModelConfig("b", "/b", policy="all")]
    write_config(file, models)
    write_config(file, models)
    assert read_config(file) == models
    assert [path.name for path in file.parent.iterdir()] == ["models.config"]


@pytest.mark.parametrize(
    ("policy", "wanted"), [("specific", {2}), ("latest", {10}), ("all", {1, 2, 10})], ids=str
)
def test_wanted_versions(policy: str, wanted: set[int], tmp_path: Path) -> None:
    for name in ("1", "2", "10", "x", "3-staged"):
        (tmp_path / name).mkdir()
    config = ModelConfig("m", str(tmp_path), (2, 99), policy=policy)  # type: ignore[arg-type]
    assert config.wanted().keys() == wanted


def test_a_models_part_of_the_local_servers_file(tmp_path: Path) -> None:
    settings = Settings(serving_root=tmp_path)
    assert configured(settings, "b") is None
    models = [ModelConfig("a", "/a", (3,)), ModelConfig("b", "/b", (4,), {"stable": 4})]
    write_config(config_file(settings), models)
    assert configured(settings, "b") == models[1]
    assert configured(settings, "c") is None


def test_reading_it_loads_nothing_of_tensorflow() -> None:
    """Whoever follows promotions or makes one reads this file; TensorFlow takes seconds and 400 MB."""
    assert not loaded_by("include.serving.config") & {"tensorflow", "keras", "grpc"}

"""TF Serving's configuration file."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.serving.config import (
    ConfigError,
    ModelConfig,
    config_file,
    configured,
    parse_config,
    read_config,
    read_if_any,
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
  config { name: "m2", base_path: "/m2", model_type: TENSORFLOW; }  # a comment
}
"""


def test_the_documented_form() -> None:
    first, second = parse_config(DOCUMENTED)
    assert first == ModelConfig(
        "my_first_model", "/tmp/my_first_model/", (42, 43), {"stable": 42, "canary": 43}
    )
    assert (second.policy, second.num_versions) == ("latest", 1)


def model(**fields: str) -> str:
    """A configuration of one model; ``fields`` replace its own, as text protos have them."""
    texts = {"name": "'a'", "base_path": "'/a'", "model_platform": "'tensorflow'"} | fields
    inner = " ".join(f"{name}: {text}" for name, text in texts.items() if text)
    return f"model_config_list {{ config {{ {inner} }} }}"


PARSING = "Error parsing text-format tensorflow.serving.ModelServerConfig: "


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("model_config_list {", PARSING + "1:"),
        ("improperly formatted file", PARSING + "1:1"),
        ("models { }", "models"),
        ("model_config_list {} model_config_list {}", "multiple"),
        ("model_config_list {} custom_model_config {}", "oneof"),
        ("custom_model_config { type_url: 'x' }", "custom_model_config is not supported"),
        (model(base_path="3"), PARSING + "1:"),
        (model(model_policy="'latest'"), "model_policy"),
        (model(name="'a' name: 'b'"), "multiple"),
        (model(name=""), "lacks name"),
        (model(name="'\\xff'"), PARSING),
        (model(name="'\\q'"), PARSING + "line 1: invalid escape"),
        (model(base_path=""), "to have an absolute path or URI; got base_path"),
        (model(base_path="'models/a'"), "got base_path\\(\\)=models/a"),
        (model(base_path="'./a'"), "to have an absolute path"),
        (model(base_path="'gs://bucket/a'"), "is a URI; only folders are read"),
        (model(model_platform=""), "Illegal setting neither"),
        (model(model_platform="'not_known'"), "Model a requests unsupported platform not_known"),
        (model(model_type="TENSORFLOW"), "Illegal setting both"),
        (model(model_platform="", model_type="OTHER"), "model_type choice 2 not supported"),
        (model() + "\n" + model(), "multiple"),
        (
            model(model_platform="'tensorflow' } config { name: 'a' base_path: '/b' model_type: 1"),
            "multiple times",
        ),
        (model(model_version_policy="{ specific { versions: 3.0 } }"), PARSING),
        (model(model_version_policy="{ specific { versions: 9223372036854775808 } }"), PARSING),
        (model(model_version_policy="{ specific { versions: 1_0 } }"), "'1_' is no text proto"),
        (model(model_version_policy="{ specific { versions: 0b1 } }"), "'0b1' is no text proto"),
        (model(model_version_policy="{ latest { num_versions: -1 } }"), PARSING),
        (model(model_version_policy="{ latest {} all {} }"), "oneof"),
        (model(version_labels="{ key: 'x' value: '1' }"), PARSING),
        ("\u00a0" + model(), PARSING),
    ],
)
def test_errors_name_the_place(text: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "models.config"
    file.write_text(text)
    with pytest.raises(ConfigError, match=says) as caught:
        read_config(file)
    assert str(file) in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        model(),
        "\ufeff" + model(),
        model(name="'a' /* ' */".replace("/* ' */", "# it's 1_0 \u00a0\n")),
        model(name="'\\141'"),
        model(model_platform="", model_type="TENSORFLOW"),
        model(model_version_policy="{ specific { versions: [1, 0x2] } }"),
        model(version_labels="{ key: 'x' value: 1 } version_labels { key: 'x' value: 2 }"),
        model(logging_config="{ sampling_config { sampling_rate: 0.5 } }"),
    ],
)
def test_what_is_taken_is_kept_when_it_is_written_again(text: str, tmp_path: Path) -> None:
    file = tmp_path / "models.config"
    file.write_text(text, encoding="utf-8")
    (read,) = models = read_config(file)
    assert (read.name, read.base_path) == ("a", "/a")
    write_config(file, models)
    assert read_config(file) == models
    assert ("sampling_rate: 0.5" in file.read_text()) == ("sampling_rate" in text)


@settings(max_examples=60)
@given(st.text(max_size=30) | st.text("model_config_list{}:'\\\"1x#\n .,<>[]", max_size=40), st.booleans())
def test_any_text_is_a_configuration_or_an_error(text: str, inside: bool) -> None:
    with contextlib.suppress(ConfigError):
        parse_config(model(name=text) if inside else text)


def test_nothing_yet(tmp_path: Path) -> None:
    assert read_config(tmp_path / "none") == []
    assert parse_config("") == []
    (tmp_path / "empty").write_text("# not even a list")
    assert read_if_any(tmp_path / "empty") is None
    (tmp_path / "empty").write_text("model_config_list {}")
    assert read_if_any(tmp_path / "empty") == []


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
    for name in ("1", "2", "10", "x", "3-staged", "\u0664", "1\u0664", str(2**63), "9" * 200):
        (tmp_path / name).mkdir()
    config = ModelConfig("m", str(tmp_path), (2, 99), policy=policy)  # type: ignore[arg-type]
    assert config.wanted().keys() == wanted


def test_of_folders_for_one_version_the_one_named_by_it_is_taken(tmp_path: Path) -> None:
    for name in ("007", "7", "07", "0008", "008"):
        (tmp_path / name).mkdir()
    wanted = ModelConfig("m", str(tmp_path), policy="all").wanted()
    assert {number: path.name for number, path in wanted.items()} == {7: "7", 8: "008"}


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

"""The command line, which TF Serving's fit."""

from __future__ import annotations

import pytest

from include.serving.config import ConfigError, ModelConfig
from include.serving.local_server.flags import only_model, parse_arguments
from include.serving.local_server.server import main

PORT = "--rest_api_port=8501"
FILE = "--model_config_file=models.config"


def test_flags_of_tf_serving_are_taken() -> None:
    arguments = parse_arguments(
        "",
        [PORT, FILE, "--rest_api_timeout_in_ms=30000", "--enable_batching", "--mixed_precision=bfloat16",
         "--file_system_poll_wait_seconds=2", "--allow_version_labels_for_unavailable_models=false"],
    )  # fmt: skip
    assert arguments.file_system_poll_wait_seconds == 2
    assert not arguments.allow_version_labels_for_unavailable_models
    assert not arguments.rest_api_enable_cors_support
    assert only_model(arguments) is None


def test_one_model_without_a_file() -> None:
    arguments = parse_arguments("", [PORT, "--model_name=m", "--model_base_path=/models/m"])
    assert only_model(arguments) == ModelConfig("m", "/models/m", policy="latest")
    with pytest.raises(ConfigError, match="models/m is no absolute path"):
        only_model(parse_arguments("", [PORT, "--model_base_path=models/m"]))


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        ([PORT], "--model_config_file or --model_base_path is needed"),
        ([FILE], "--rest_api_port"),
        ([PORT, FILE, "--rest_api_enable_cors_support=perhaps"], "'perhaps' is neither true nor false"),
        ([PORT, FILE, "--port=8500"], "--port"),
    ],
)
def test_errors(flags: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse_arguments("", flags)
    assert caught.value.code == 2
    assert says in capsys.readouterr().err


def test_a_label_at_the_start_needs_its_flag(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "models.config"
    config.write_text(
        "model_config_list { config { name: 'm' base_path: '/m' model_platform: 'tensorflow' "
        "version_labels { key: 'stable' value: 1 } } }"
    )
    flags = [PORT, f"--model_config_file={config}", "--allow_version_labels_for_unavailable_models=false"]
    assert main(flags) == 1
    assert "labels of m: nothing is loaded yet" in capsys.readouterr().err

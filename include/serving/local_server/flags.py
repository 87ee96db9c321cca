"""The model server's flags; those that TensorFlow Serving has too have its names and meanings."""

from __future__ import annotations

import argparse
from pathlib import Path

from include.console.arguments import CommandParser, finite_number, whole_number
from include.serving.config import ConfigError, ModelConfig

WITHOUT_EFFECT = {
    "rest_api_timeout_in_ms": "a prediction is not interrupted",
    "mixed_precision": "models run as they are",
    "enable_batching": "requests are not batched",
    "batching_parameters_file": "requests are not batched",
    "enable_model_warmup": "warm-up records are not replayed",
}
"""Flags that are taken so that a command line of TensorFlow Serving can be used; why each does nothing."""


def parse_arguments(description: str, argv: list[str] | None = None) -> argparse.Namespace:
    """The values of the flags; ends the process with one line where they are wrong."""
    parser = CommandParser("include.serving.local_server.server", description)
    add = parser.add_argument
    add("--rest_api_port", type=whole_number(1, 65_535), required=True)
    add("--host", default="127.0.0.1", help="address to bind to")
    add(
        "--allowed_hosts",
        default="",
        help="host names to answer for besides those of loopback and --host, separated by commas",
    )
    add("--model_config_file", type=Path)
    add("--model_config_file_poll_wait_seconds", type=float, default=1.0, help="0: read once")
    add("--file_system_poll_wait_seconds", type=float, default=1.0, help="for new versions; 0: look once")
    add("--model_name", default="default", help="with --model_base_path")
    add(
        "--model_base_path",
        default="",
        help="in place of a configuration file: the latest version of one model",
    )
    add("--allow_version_labels_for_unavailable_models", type=_boolean, default=True, nargs="?", const=True)
    add("--max_num_load_retries", type=int, default=0)
    add("--load_retry_interval_micros", type=int, default=1_000_000)
    add("--rest_api_num_threads", type=whole_number(1, 1_000), default=4, help="predictions at once")
    add("--rest_api_enable_cors_support", type=_boolean, default=False, nargs="?", const=True)
    add(
        "--open_when_loaded",
        action="store_true",
        help="open the port when a version of each model is AVAILABLE",
    )
    add("--open_when_all_loaded", action="store_true", help="open the port when every version is AVAILABLE")
    add("--drain_seconds", type=finite_number(0), default=1.0, help="go on answering after a signal to end")
    for flag, reason in WITHOUT_EFFECT.items():
        add(f"--{flag}", nargs="?", const="true", help=f"no effect: {reason}")
    arguments = parser.parse_args(argv)
    if not arguments.model_config_file and not arguments.model_base_path:
        parser.error("--model_config_file or --model_base_path is needed")
    return arguments


def only_model(arguments: argparse.Namespace) -> ModelConfig | None:
    """The model of the command line; None where there is a configuration file as well, which comes first.

    Raises:
        ConfigError: its base path is relative.
    """
    if arguments.model_config_file:
        return None
    if not arguments.model_base_path.startswith("/"):
        raise ConfigError(f"--model_base_path: {arguments.model_base_path} is no absolute path of a folder")
    return ModelConfig(arguments.model_name, arguments.model_base_path, policy="latest")


def _boolean(text: str) -> bool:
    if text.lower() not in ("true", "1", "false", "0"):
        raise argparse.ArgumentTypeError(f"{text!r} is neither true nor false")
    return text.lower() in ("true", "1")

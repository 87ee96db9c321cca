"""TensorFlow Serving's model configuration file: which versions of which models are served."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from include.serving.config_text import (
    ConfigError,
    ModelConfig,
    format_config,
    parse_config,
    parse_if_any,
)
from include.settings import Settings

__all__ = [
    "CONFIG_FILE",
    "STABLE",
    "ConfigError",
    "ModelConfig",
    "config_file",
    "configured",
    "format_config",
    "parse_config",
    "read_config",
    "read_if_any",
    "write_config",
]

STABLE = "stable"
"""The version label that production's clients ask for."""
CONFIG_FILE = "models.config"


def config_file(settings: Settings) -> Path:
    """The file that the local model server follows."""
    return settings.serving_dir / CONFIG_FILE


def configured(settings: Settings, model_name: str) -> ModelConfig | None:
    """A model's part of the local model server's file; None where the file or the model is missing.

    Raises:
        ConfigError: naming the file.
    """
    models = read_config(config_file(settings))
    return next((model for model in models if model.name == model_name), None)


def read_config(path: Path) -> list[ModelConfig]:
    """Read a configuration file; a missing file means no model yet.

    Raises:
        ConfigError: naming the file.
    """
    try:
        return read_if_any(path) or []
    except FileNotFoundError:
        return []


def read_if_any(path: Path) -> list[ModelConfig] | None:
    """Read a configuration file; None where it says nothing, not even that there is no model.

    Raises:
        ConfigError: naming the file.
        OSError: it can't be read.
    """
    try:
        return parse_if_any(
            path.read_text(encoding="utf-8-sig")
        )  # TensorFlow Serving skips a byte order mark
    except (ConfigError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error


def write_config(path: Path, models: list[ModelConfig]) -> None:
    """Replace the file atomically: a reader sees the old text or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(format_config(models))
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise

"""TensorFlow Serving's model configuration file (text proto): which versions of which models are served.

Its messages are those of TensorFlow Serving's own package, so a file that passes here is one that
``tensorflow_model_server --model_config_file`` reads, and the other way round. Importing them loads protobuf
and nothing of TensorFlow.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from google.protobuf import text_format
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

from include.settings import Settings

STABLE = "stable"
"""The version label that production's clients ask for."""
CONFIG_FILE = "models.config"

_SUPPORTED = {"name", "base_path", "model_platform", "model_version_policy", "version_labels"}
"""Fields of a model's configuration; one that has others would lose them when the file is written again."""


class ConfigError(ValueError):
    """The text is not a model configuration, or one with settings that are not supported here."""


@dataclass(frozen=True)
class ModelConfig:
    """One model of the file: the folder of its versions, which of them to load, and their labels.

    ``policy`` is 'specific' (exactly ``versions``), 'latest' (the ``num_versions`` largest folder names) or
    'all'. Without a policy TensorFlow Serving loads the latest version.
    """

    name: str
    base_path: str
    versions: tuple[int, ...] = ()
    labels: dict[str, int] = field(default_factory=dict)
    policy: Literal["specific", "latest", "all"] = "specific"
    num_versions: int = 1

    def wanted(self) -> dict[int, Path]:
        """The versions to load with their folders; versions without a folder are left out."""
        base = Path(self.base_path)
        found = {int(p.name): p for p in base.glob("[0-9]*") if p.name.isdecimal() and p.is_dir()}
        if self.policy == "specific":
            return {v: found[v] for v in self.versions if v in found}
        newest = sorted(found, reverse=True)
        return {v: found[v] for v in (newest if self.policy == "all" else newest[: self.num_versions])}


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


def parse_config(text: str) -> list[ModelConfig]:
    """Read the text of a configuration file; an empty text means no model.

    Raises:
        ConfigError: not a ``ModelServerConfig`` (with line, column and what was found there), or one with
            settings that are not supported.
    """
    message = ModelServerConfig()
    try:
        text_format.Parse(text, message)
    except text_format.ParseError as error:
        raise ConfigError(f"not a model server configuration: {error}") from error
    if message.HasField("custom_model_config"):
        raise ConfigError("custom_model_config is not supported")
    models = [_from_message(model) for model in message.model_config_list.config]
    names = [model.name for model in models]
    if len(set(names)) < len(names):
        raise ConfigError(f"a model is named twice: {', '.join(sorted(names))}")
    return models


def read_config(path: Path) -> list[ModelConfig]:
    """Read a configuration file; a missing file means no model yet.

    Raises:
        ConfigError: naming the file.
    """
    try:
        return parse_config(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (ConfigError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error


def format_config(models: list[ModelConfig]) -> str:
    """The text of a configuration file.

    >>> parse_config(format_config([ModelConfig("m", "/models/m", (3, 4), {"stable": 3})]))[0].versions
    (3, 4)
    """
    message = ModelServerConfig()
    message.model_config_list.SetInParent()
    for model in models:
        _fill(message.model_config_list.config.add(), model)
    return text_format.MessageToString(message)


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


def _fill(message: Any, model: ModelConfig) -> None:
    message.name, message.base_path, message.model_platform = model.name, model.base_path, "tensorflow"
    policy = message.model_version_policy
    getattr(policy, model.policy).SetInParent()
    if model.policy == "specific":
        policy.specific.versions.extend(model.versions)
    elif model.policy == "latest":
        policy.latest.num_versions = model.num_versions
    for label, version in model.labels.items():
        message.version_labels[label] = version


def _from_message(message: Any) -> ModelConfig:
    if not message.name or not message.base_path:
        raise ConfigError("a config lacks name or base_path")
    if unsupported := {field.name for field, _ in message.ListFields()} - _SUPPORTED:
        raise ConfigError(f"the config of {message.name} has {', '.join(sorted(unsupported))}: not supported")
    policy = message.model_version_policy
    return ModelConfig(
        name=message.name,
        base_path=message.base_path,
        versions=tuple(policy.specific.versions),
        labels=dict(message.version_labels),
        policy=policy.WhichOneof("policy_choice") or "latest",
        num_versions=policy.latest.num_versions or 1,
    )

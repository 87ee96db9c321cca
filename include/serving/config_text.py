"""The text of TensorFlow Serving's model configuration file (a text proto), read and written.

The messages are those of TensorFlow Serving's own package. What ``tensorflow_model_server
--model_config_file`` checks in them (``server_core.cc``) is checked here, with its texts: unknown fields, two
models of one name, a platform that is not TensorFlow's, a relative base path. What Python's parser of text
protos takes and the C++ one does not is refused as well (``_LAXER``). Stricter than TensorFlow Serving are:
a model needs a name, its base path is a folder and no URI of a store, ``custom_model_config`` is refused.
Importing the messages loads protobuf and nothing of TensorFlow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from google.protobuf import text_format
from tensorflow_serving.config.logging_config_pb2 import LoggingConfig
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig, ModelType

PLATFORM = "tensorflow"

_URI = re.compile("[a-zA-Z][a-zA-Z0-9.]*://")
_COMMENT_OR_STRING = re.compile(r"""#[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*\'""")
_LAXER = re.compile(r"\b0[bBoO][0-9]|\b[0-9][0-9a-fA-FxX]*_|[^\x00-\x7f]")
"""Outside of strings: numbers and spaces of Python that the C++ parser of text protos refuses."""
_ESCAPE = re.compile(
    r'\\(?:[abfnrtv\\?\'"]|[0-7]|[xX][0-9a-fA-F]|u[0-9a-fA-F]{4}|U00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4}|(.?))'
)
"""An escape in a string; the group is what follows the backslash of one that the C++ parser refuses."""


class ConfigError(ValueError):
    """The text is not a model configuration, or one with settings that are not supported here."""


@dataclass(frozen=True)
class ModelConfig:
    """One model of the file: the folder of its versions, which of them to load, and their labels.

    ``policy`` is 'specific' (exactly ``versions``), 'latest' (the ``num_versions`` largest folder names) or
    'all'. Without a policy TensorFlow Serving loads the latest version. ``logging`` is the serialized
    ``logging_config``, kept for when the file is written again.
    """

    name: str
    base_path: str
    versions: tuple[int, ...] = ()
    labels: dict[str, int] = field(default_factory=dict)
    policy: Literal["specific", "latest", "all"] = "specific"
    num_versions: int = 1
    logging: bytes = b""

    def wanted(self) -> dict[int, Path]:
        """The versions to load with their folders; versions without a folder are left out."""
        names = sorted(path.name for path in Path(self.base_path).glob("[0-9]*") if path.is_dir())
        numbered = {name: int(name) for name in names if name.isascii() and name.isdecimal()}
        found = {n: Path(self.base_path, name) for name, n in numbered.items() if n < 2**63}
        found |= {n: Path(self.base_path, str(n)) for n in found if str(n) in numbered}  # rather than 007
        if self.policy == "specific":
            return {v: found[v] for v in self.versions if v in found}
        newest = sorted(found, reverse=True)
        return {v: found[v] for v in (newest if self.policy == "all" else newest[: self.num_versions])}


def parse_config(text: str) -> list[ModelConfig]:
    """Read the text of a configuration file; an empty text means no model.

    Raises:
        ConfigError: not a ``ModelServerConfig`` (with line, column and what was found there), or one that
            TensorFlow Serving refuses, or with settings that are not supported here.
    """
    return parse_if_any(text) or []


def parse_if_any(text: str) -> list[ModelConfig] | None:
    """As ``parse_config``; None where the text says nothing, not even that there is no model."""
    message = ModelServerConfig()
    try:
        _refuse_laxer(text)
        text_format.Parse(text, message)
    except (text_format.ParseError, ValueError) as error:  # ValueError: a string that is no UTF-8
        raise ConfigError(
            f"Error parsing text-format tensorflow.serving.ModelServerConfig: {error}"
        ) from error
    if message.HasField("custom_model_config"):
        raise ConfigError("custom_model_config is not supported")
    if not message.HasField("model_config_list"):
        return None
    models = [_from_message(model) for model in message.model_config_list.config]
    names = [model.name for model in models]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigError(f"Illegal to list model {', '.join(twice)} multiple times in config list")
    return models


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


def _fill(message: Any, model: ModelConfig) -> None:
    message.name, message.base_path, message.model_platform = model.name, model.base_path, PLATFORM
    policy = message.model_version_policy
    getattr(policy, model.policy).SetInParent()
    if model.policy == "specific":
        policy.specific.versions.extend(model.versions)
    elif model.policy == "latest":
        policy.latest.num_versions = model.num_versions
    for label, version in model.labels.items():
        message.version_labels[label] = version
    if model.logging:
        message.logging_config.MergeFrom(LoggingConfig.FromString(model.logging))


def _from_message(message: Any) -> ModelConfig:
    if not message.name:
        raise ConfigError("a config lacks name")
    _check_platform(message)
    if _URI.match(message.base_path):
        raise ConfigError(f"base_path {message.base_path} of {message.name} is a URI; only folders are read")
    if not message.base_path.startswith("/"):
        raise ConfigError(
            f"Expected model {message.name} to have an absolute path or URI; "
            f"got base_path()={message.base_path}"
        )
    policy = message.model_version_policy
    return ModelConfig(
        name=message.name,
        base_path=message.base_path,
        versions=tuple(policy.specific.versions),
        labels=dict(message.version_labels),
        policy=policy.WhichOneof("policy_choice") or "latest",
        num_versions=policy.latest.num_versions or 1,
        logging=message.logging_config.SerializeToString() if message.HasField("logging_config") else b"",
    )


def _check_platform(message: Any) -> None:
    """After ``GetPlatform``; ``model_type`` is the deprecated way to say it."""
    platform = message.model_platform
    if message.model_type != ModelType.MODEL_TYPE_UNSPECIFIED:
        if platform:
            raise ConfigError(
                "Illegal setting both ModelServerConfig::model_type (deprecated) and "
                f"ModelServerConfig::model_platform, model name is {message.name}"
            )
        if message.model_type != ModelType.TENSORFLOW:
            raise ConfigError(
                f"ModelServerConfig::model_type choice {message.model_type} not supported, "
                f"model name is {message.name}"
            )
        return
    if not platform:
        raise ConfigError(
            "Illegal setting neither ModelServerConfig::model_type (deprecated) nor "
            f"ModelServerConfig::model_platform, model name is {message.name}"
        )
    if platform != PLATFORM:
        raise ConfigError(f"Model {message.name} requests unsupported platform {platform}")


def _refuse_laxer(text: str) -> None:
    """Raise ValueError for what Python's parser takes and C++'s does not."""
    bare = _COMMENT_OR_STRING.sub(lambda match: re.sub("[^\n]", " ", match[0]), text)
    if match := _LAXER.search(bare):
        raise ValueError(f"line {bare.count(chr(10), 0, match.start()) + 1}: {match[0]!r} is no text proto")
    for string in _COMMENT_OR_STRING.finditer(text):
        for escape in _ESCAPE.finditer(string[0] if string[0][0] != "#" else ""):
            if escape[1] is not None:
                line = text.count("\n", 0, string.start()) + 1
                raise ValueError(f"line {line}: invalid escape sequence {escape[0]!r} in a string")

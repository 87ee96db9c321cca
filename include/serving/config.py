"""TF Serving's model configuration file (text proto), read and written with its own field numbers.

The messages are declared here as descriptors and handled by protobuf's ``text_format``, so that a
file which passes here is one that ``tensorflow_model_server --model_config_file`` reads, and the
other way round (``tensorflow_serving/config/model_server_config.proto``).
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format

_PACKAGE = "tensorflow.serving"
_FIELD = descriptor_pb2.FieldDescriptorProto


class ConfigError(ValueError):
    """A model configuration file that can't be read as one."""


@dataclass(frozen=True)
class ModelConfig:
    """One model of the file: where its versions lie, which of them to load, and their labels.

    ``policy`` is 'specific' (exactly ``versions``), 'latest' (the ``num_versions`` largest folders)
    or 'all'. Without a policy TF Serving means the latest one.
    """

    name: str
    base_path: str
    versions: tuple[int, ...] = ()
    labels: dict[str, int] = field(default_factory=dict)
    policy: Literal["specific", "latest", "all"] = "specific"
    num_versions: int = 1

    def wanted(self) -> dict[int, Path]:
        """The versions to load, with their folders; a folder that isn't there is left out."""
        base = Path(self.base_path)
        found = {int(p.name): p for p in base.glob("[0-9]*") if p.name.isdecimal() and p.is_dir()}
        if self.policy == "specific":
            return {v: found[v] for v in self.versions if v in found}
        newest = sorted(found, reverse=True)
        return {v: found[v] for v in (newest if self.policy == "all" else newest[: self.num_versions])}


def parse_config(text: str) -> list[ModelConfig]:
    """Read the text of a configuration file; an empty text means no model.

    Raises:
        ConfigError: not a ``ModelServerConfig``; carries line, column and what was met there.
    """
    message = _new_message()
    try:
        text_format.Parse(text, message)
    except text_format.ParseError as error:
        raise ConfigError(f"not a model server configuration: {error}") from error
    models = [_from_message(model) for model in message.model_config_list.config]
    names = [model.name for model in models]
    if len(set(names)) < len(names):
        raise ConfigError(f"a model is named twice: {', '.join(sorted(names))}")
    return models


def read_config(path: Path) -> list[ModelConfig]:
    """Read a configuration file; a missing one means no model yet.

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
    message = _new_message()
    message.model_config_list.SetInParent()
    for model in models:
        _fill(message.model_config_list.config.add(), model)
    return text_format.MessageToString(message)


def write_config(path: Path, models: list[ModelConfig]) -> None:
    """Replace the file in one step: a reader sees the old text or the new one, never a part."""
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
    policy = message.model_version_policy
    return ModelConfig(
        name=message.name,
        base_path=message.base_path,
        versions=tuple(policy.specific.versions),
        labels=dict(message.version_labels),
        policy=policy.WhichOneof("policy_choice") or "latest",
        num_versions=policy.latest.num_versions or 1,
    )


def _new_message() -> Any:
    return _MESSAGE_CLASS()


def _scalar(message: Any, name: str, number: int, kind: int, *, repeated: bool = False) -> None:
    label = _FIELD.LABEL_REPEATED if repeated else _FIELD.LABEL_OPTIONAL
    message.field.add(name=name, number=number, type=kind, label=label)


def _submessage(
    message: Any, name: str, number: int, kind: str, *, repeated: bool = False, oneof: int | None = None
) -> None:
    label = _FIELD.LABEL_REPEATED if repeated else _FIELD.LABEL_OPTIONAL
    made = message.field.add(
        name=name, number=number, type=_FIELD.TYPE_MESSAGE, type_name=f".{_PACKAGE}.{kind}", label=label
    )
    if oneof is not None:
        made.oneof_index = oneof


def _build_message_class() -> Any:
    """The part of ``ModelServerConfig`` that servers of ours read, under the original's numbers."""
    file = descriptor_pb2.FileDescriptorProto(
        name="tweetsieve/model_server_config.proto", package=_PACKAGE, syntax="proto3"
    )
    source = file.message_type.add(name="FileSystemStoragePathSourceConfig")
    policy = source.nested_type.add(name="ServableVersionPolicy")
    _scalar(policy.nested_type.add(name="Latest"), "num_versions", 1, _FIELD.TYPE_UINT32)
    policy.nested_type.add(name="All")
    _scalar(policy.nested_type.add(name="Specific"), "versions", 1, _FIELD.TYPE_INT64, repeated=True)
    policy.oneof_decl.add(name="policy_choice")
    inside = "FileSystemStoragePathSourceConfig.ServableVersionPolicy"
    for number, name in enumerate(("Latest", "All", "Specific"), start=100):
        _submessage(policy, name.lower(), number, f"{inside}.{name}", oneof=0)

    model = file.message_type.add(name="ModelConfig")
    for name, number in (("name", 1), ("base_path", 2), ("model_platform", 4)):
        _scalar(model, name, number, _FIELD.TYPE_STRING)
    _submessage(model, "model_version_policy", 7, inside)
    entry = model.nested_type.add(name="VersionLabelsEntry")
    entry.options.map_entry = True
    _scalar(entry, "key", 1, _FIELD.TYPE_STRING)
    _scalar(entry, "value", 2, _FIELD.TYPE_INT64)
    _submessage(model, "version_labels", 8, "ModelConfig.VersionLabelsEntry", repeated=True)

    _submessage(file.message_type.add(name="ModelConfigList"), "config", 1, "ModelConfig", repeated=True)
    server = file.message_type.add(name="ModelServerConfig")
    server.oneof_decl.add(name="config")
    _submessage(server, "model_config_list", 1, "ModelConfigList", oneof=0)

    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.ModelServerConfig"))


_MESSAGE_CLASS = _build_message_class()

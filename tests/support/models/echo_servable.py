"""A stand-in for a loaded model that answers with what it was asked, without TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from include.serving.local_server.payload.errors import RequestError, not_found
from include.serving.local_server.payload.tensors import NUMPY, TensorInfo

NOT_LISTED = ("half", "uint16", "complex64")
"""Types of tensors that JSON can't be converted to."""


class EchoServable:
    """A signature for each type of one input ``x``, and ``two`` for an int32 ``a`` and a string ``b``."""

    signatures: ClassVar[dict[str, dict[str, str]]] = {
        "serving_default": {"x": "float"},
        "two": {"a": "int32", "b": "string"},
        "empty": {},
        **{dtype: {"x": dtype} for dtype in (*NUMPY, *NOT_LISTED)},
    }

    def method_name(self, signature: str) -> str:
        return "tensorflow/serving/predict" if self._inputs(signature) else ""

    def inputs(self, signature: str) -> dict[str, TensorInfo]:
        if not (inputs := self._inputs(signature)):
            raise RequestError(f"Failed to get input map for signature: {signature}")
        return {name: TensorInfo(name, dtype) for name, dtype in inputs.items()}

    def run(self, signature: str, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        del signature
        return dict(inputs)

    def metadata(self) -> dict[str, Any]:
        return {}

    def _inputs(self, signature: str) -> dict[str, str]:
        if signature not in self.signatures:
            raise RequestError(f'Serving signature name: "{signature}" not found in signature def')
        return self.signatures[signature]


class EchoManager:
    """Version 3 of the model ``echo``, which is ``stable``, and nothing else."""

    def lookup(self, name: str, version: int | None = None, label: str | None = None) -> tuple[int, Any]:
        if label not in (None, "stable"):
            raise RequestError(f"Unrecognized servable version label: {label}")
        if name != "echo" or version not in (None, 3):
            raise not_found(f"Servable not found for request: Latest({name})")
        return 3, EchoServable()

    def status(self, name: str, version: int | None = None) -> list[dict[str, Any]]:
        if name != "echo":
            raise not_found(f"Could not find any versions of model {name}")
        return [{"version": str(version or 3), "state": "AVAILABLE"}]

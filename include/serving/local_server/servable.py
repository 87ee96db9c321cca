"""One loaded version of a SavedModel, called by signature with arrays."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from include.serving.local_server.payload.errors import GRPC_CODES, RequestError, not_found
from include.serving.local_server.payload.tensors import TensorInfo

DEFAULT_SIGNATURE = "serving_default"


class Servable:
    """A SavedModel in memory; TensorFlow is imported when the first one is loaded."""

    def __init__(self, path: Path) -> None:
        """Load the model.

        Raises:
            RequestError: there is no SavedModel, or it has nothing to serve.
            Exception: whatever TensorFlow raises for a broken one.
        """
        import tensorflow as tf
        from tensorflow.core.protobuf import saved_model_pb2

        if not (path / "saved_model.pb").is_file():
            raise not_found(f"Could not find SavedModel .pb at supplied export directory path: {path}")
        saved = saved_model_pb2.SavedModel()
        saved.ParseFromString((path / "saved_model.pb").read_bytes())
        self.signature_defs = dict(saved.meta_graphs[0].signature_def)
        self._tf = tf
        self._model = tf.saved_model.load(str(path), tags=["serve"])  # keeps the variables alive
        self._functions = self._model.signatures
        if not self._functions:
            raise RequestError(f"the SavedModel at {path} has no signature to serve", "FAILED_PRECONDITION")

    def method_name(self, signature: str) -> str:
        """The method that the signature is for, such as ``tensorflow/serving/predict``."""
        return self._definition(signature).method_name

    def inputs(self, signature: str) -> dict[str, TensorInfo]:
        """The inputs of a signature.

        Raises:
            RequestError: there is no such signature, or it has no inputs.
        """
        infos = self._definition(signature).inputs
        if not infos:
            raise RequestError(f"Failed to get input map for signature: {signature}")
        return {name: TensorInfo(name, self._type_name(info.dtype)) for name, info in infos.items()}

    def run(self, signature: str, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Call a signature.

        Raises:
            RequestError: TensorFlow refused the inputs or failed; with its error code.
        """
        tf = self._tf
        infos = self.inputs(signature)
        if signature not in self._functions:  # one that only loads or trains
            raise RequestError(f'Serving signature name: "{signature}" can not be called')
        try:
            tensors = {name: self._tensor(array, infos[name]) for name, array in inputs.items()}
            outputs = self._functions[signature](**tensors)
            return {name: self._array(outputs[name]) for name in sorted(outputs)}
        except tf.errors.OpError as error:
            raise RequestError(error.message, GRPC_CODES[error.error_code]) from error
        except (TypeError, ValueError) as error:  # a shape or a text that the signature doesn't take
            raise RequestError(str(error)) from error

    def metadata(self) -> dict[str, Any]:
        """The signatures in proto3's JSON form, in which 64-bit integers are strings."""
        from google.protobuf import json_format

        return {
            name: json_format.MessageToDict(
                definition, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
            )
            for name, definition in self.signature_defs.items()
        }

    def _definition(self, signature: str) -> Any:
        if signature not in self.signature_defs:
            raise RequestError(f'Serving signature name: "{signature}" not found in signature def')
        return self.signature_defs[signature]

    def _tensor(self, array: np.ndarray, info: TensorInfo) -> Any:
        if info.dtype != "string":
            return self._tf.constant(array)
        raw = [_bytes(text) for text in array.ravel().tolist()]
        return self._tf.constant(raw, dtype=self._tf.string, shape=array.shape)

    def _array(self, tensor: Any) -> np.ndarray:
        if tensor.dtype in (self._tf.resource, self._tf.variant):
            raise RequestError(f"Failed to write JSON value for tensor type: {tensor.dtype.name}")
        value = tensor.numpy()
        return np.array(value, dtype=object) if tensor.dtype == self._tf.string else np.asarray(value)

    def _type_name(self, number: int) -> str:
        name = self._tf.dtypes.as_dtype(number).name
        return {"float32": "float", "float64": "double", "float16": "half"}.get(name, name)


def _bytes(text: str | bytes) -> bytes:
    """The bytes that were sent: in a text, those that are no UTF-8 are surrogates."""
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")

"""The paths under ``/v1/``: predictions, states and metadata, with TensorFlow Serving's texts of errors."""

from __future__ import annotations

import re
from urllib.parse import unquote

from include.serving.local_server.errors import RequestError
from include.serving.local_server.manager import Manager
from include.serving.local_server.messages import dump_json, parse_json
from include.serving.local_server.request_tensors import debug, read_inputs
from include.serving.local_server.response_tensors import write_outputs
from include.serving.local_server.servable import DEFAULT_SIGNATURE

_TARGET = r"(?:/versions/(?P<version>\d+)|/labels/(?P<label>[^/:]+))?"
_PREDICT = re.compile(
    rf"/v1/models/(?P<name>[^/:]+){_TARGET}:(?P<method>classify|regress|predict)", re.I | re.A
)
_STATUS = re.compile(rf"/v1/models(?:/(?P<name>[^/:]+))?{_TARGET}(?P<metadata>/metadata)?", re.I | re.A)


def answer(manager: Manager, method: str, path: str, body: bytes) -> bytes:
    """Answer one request to a path under ``/v1/``; the body of a GET is ignored.

    Raises:
        RequestError: with TensorFlow Serving's code and text.
    """
    if method == "POST" and (match := _PREDICT.fullmatch(path)):
        return _predict(manager, match, body)
    if method == "GET" and (match := _STATUS.fullmatch(path)):
        return _describe(manager, match)
    raise RequestError(f"Malformed request: {method} {path}")


def _predict(manager: Manager, match: re.Match[str], body: bytes) -> bytes:
    version = _version(match)
    request = parse_json(body)
    if not isinstance(request, dict):
        raise RequestError(f"JSON Value: {debug(request)} Is not object")
    signature = request.get("signature_name", "")
    if not isinstance(signature, str):
        raise RequestError(f"JSON Value: {debug(request)} 'signature_name' key must be a string value.")
    signature = signature or DEFAULT_SIGNATURE
    _, servable = manager.lookup(unquote(match["name"]), version, _label(match))
    if (method := match["method"].lower()) != "predict":
        raise _not_predict(method, servable.method_name(signature))
    inputs, rows = read_inputs(request, servable.inputs(signature))
    return dump_json(write_outputs(servable.run(signature, inputs), rows=rows))


def _describe(manager: Manager, match: re.Match[str]) -> bytes:
    if match["name"] is None:
        raise RequestError("Missing model name in request.")
    name, version = unquote(match["name"]), _version(match)
    if not match["metadata"]:
        return dump_json({"model_version_status": manager.status(name, version)}, pretty=True)
    number, servable = manager.lookup(name, version, _label(match))
    spec = {"name": name, "signature_name": "", "version": str(number)}
    metadata = {"signature_def": {"signature_def": servable.metadata()}}
    return dump_json({"model_spec": spec, "metadata": metadata}, pretty=True)


def _version(match: re.Match[str]) -> int | None:
    if match["version"] is None:
        return None
    if len(match["version"]) > 19 or int(match["version"]) >= 2**63:
        raise RequestError(f"Failed to convert version: {match['version']} to numeric.")
    return int(match["version"])


def _label(match: re.Match[str]) -> str | None:
    return None if match["label"] is None else unquote(match["label"])


def _not_predict(method: str, served_as: str) -> RequestError:
    kind = {"classify": "classification", "regress": "regression"}[method]
    if served_as != f"tensorflow/serving/{method}":
        wanted = f"tensorflow/serving/{method}"
        return RequestError(f"Expected {kind} signature method_name to be {wanted}. Was: {served_as}")
    return RequestError(f"the local model server answers predict, not {method}", "UNIMPLEMENTED")

"""The paths under ``/v1/``: predictions, states and metadata, with TensorFlow Serving's texts of errors.

After ``http_rest_api_handler.cc`` and ``http_rest_api_util.cc``. The query is part of the path there: a path
with one names another model, or nothing.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from urllib.parse import unquote

from include.serving.local_server.manager import Manager
from include.serving.local_server.payload.compression import unzipped
from include.serving.local_server.payload.errors import HTTP_STATUS, RequestError, not_found
from include.serving.local_server.payload.json_values import quoted
from include.serving.local_server.payload.messages import dump_json, error_body, parse_json
from include.serving.local_server.payload.request_tensors import read_inputs
from include.serving.local_server.payload.response_tensors import write_outputs
from include.serving.local_server.servable import DEFAULT_SIGNATURE

log = logging.getLogger("tweetsieve.serving")

_TARGET = r"(?:/versions/(?P<version>\d+)|/labels/(?P<label>[^/:]+))?"
_PREDICT = re.compile(
    rf"/v1/models/(?P<name>[^/:]+){_TARGET}:(?P<method>classify|regress|predict)", re.I | re.A
)
_STATUS = re.compile(rf"/v1/models(?:/(?P<name>[^/:]+))?{_TARGET}(?P<metadata>/metadata)?", re.I | re.A)
_ORIGIN = re.compile("https?://")
_KINDS = {"classify": "classification", "regress": "regression"}
_MOST_DIGITS = len(str(2**63 - 1))


@dataclass(frozen=True)
class HttpRequest:
    """What of a request the answer depends on; ``path`` as it was sent, with its query."""

    method: str
    path: str
    body: bytes = b""
    content_encoding: str = ""
    origin: str = ""


def respond(manager: Manager, request: HttpRequest) -> tuple[int, bytes]:
    """The HTTP status and the JSON of the answer; whatever a client sends wrongly is a 4xx."""
    try:
        return 200, answer(manager, request)
    except RequestError as error:
        return error.http_status, error_body(error.message)
    except Exception as error:
        log.exception("answering %s %s failed", request.method, request.path)
        return HTTP_STATUS["INTERNAL"], error_body(f"{type(error).__name__}: {error}")


def answer(manager: Manager, request: HttpRequest) -> bytes:
    """The JSON that answers a request; the body of a GET is not looked at.

    Raises:
        RequestError: with TensorFlow Serving's code and text.
    """
    path = request.path
    if not path.lower().startswith("/v1/"):
        raise not_found(f"Not Found: {request.method} {path}")
    if request.method == "POST" and (match := _PREDICT.fullmatch(path)):
        version = _version(match)
        if match["method"] == "predict":
            return _predict(manager, match, version, unzipped(request.body, request.content_encoding))
        if match["method"] in _KINDS:
            raise _not_predict(manager, match, version, unzipped(request.body, request.content_encoding))
    if request.method == "GET" and (match := _STATUS.fullmatch(path)):
        return _describe(manager, match)
    if request.method == "OPTIONS":
        if _ORIGIN.search(request.origin):
            return b""
        raise RequestError("Origin header is missing in CORS preflight", "FAILED_PRECONDITION")
    raise RequestError(f"Malformed request: {request.method} {path}")


def _predict(manager: Manager, match: re.Match[str], version: int | None, body: bytes) -> bytes:
    request, signature = _asked(body)
    _, servable = manager.lookup(unquote(match["name"]), version, _label(match))
    inputs, rows = read_inputs(request, servable.inputs(signature))
    return dump_json(write_outputs(servable.run(signature, inputs), rows=rows))


def _not_predict(manager: Manager, match: re.Match[str], version: int | None, body: bytes) -> RequestError:
    """Why a call of classify or regress is refused."""
    _, signature = _asked(body)
    _, servable = manager.lookup(unquote(match["name"]), version, _label(match))
    served_as, method = servable.method_name(signature), match["method"]
    if served_as != (wanted := f"tensorflow/serving/{method}"):
        return RequestError(
            f"Expected {_KINDS[method]} signature method_name to be {wanted}. Was: {served_as}"
        )
    return RequestError(f"the local model server answers predict, not {method}", "UNIMPLEMENTED")


def _asked(body: bytes) -> tuple[dict, str]:
    """The request's object, and the name of its signature."""
    request = parse_json(body)
    if not isinstance(request, dict):
        raise RequestError(f"JSON Value: {quoted(request)} Is not object")
    signature = request.get("signature_name", "")
    if not isinstance(signature, str):
        raise RequestError(
            f"JSON Value: {quoted(request)} not formatted correctly. "
            "'signature_name' key must be a string value."
        )
    return request, signature or DEFAULT_SIGNATURE


def _describe(manager: Manager, match: re.Match[str]) -> bytes:
    version = _version(match)
    if match["name"] is None:
        raise RequestError("Missing model name in request.")
    name = unquote(match["name"])
    if match["metadata"] != "/metadata":  # other capitals ask for the status, as in TensorFlow Serving
        return dump_json({"model_version_status": manager.status(name, version)}, pretty=True)
    number, servable = manager.lookup(name, version, _label(match))
    spec = {"name": name, "signature_name": "", "version": str(number)}
    metadata = {"signature_def": {"signature_def": servable.metadata()}}
    return dump_json({"model_spec": spec, "metadata": metadata}, pretty=True)


def _version(match: re.Match[str]) -> int | None:
    if match["version"] is None:
        return None
    digits = match["version"].lstrip("0") or "0"
    if len(digits) > _MOST_DIGITS or int(digits) >= 2**63:
        raise RequestError(f"Failed to convert version: {match['version']} to numeric.")
    return int(digits)


def _label(match: re.Match[str]) -> str | None:
    return None if match["label"] is None else unquote(match["label"])

"""Status codes and texts of errors, as TensorFlow Serving answers them."""

from __future__ import annotations

import httpx
import pytest

from tests.support.models.model_server import predict

pytestmark = pytest.mark.stack

JSON = "JSON Parse error: "
ROW = "Failed to process element: 0 of 'instances' list. "


@pytest.mark.parametrize(
    ("target", "body", "status", "text"),
    [
        ("nobody", {"inputs": [1]}, 404, "Servable not found for request: Latest(nobody)"),
        ("half/versions/50", {"inputs": [1]}, 404, "Servable not found for request: Specific(half, 50)"),
        ("half/labels/no", {"inputs": [1]}, 400, "Unrecognized servable version label: no"),
        ("half/versions/99999999999999999999", {"inputs": [1]}, 400, "Failed to convert version: 99999"),
        ("nobody", "", 400, JSON + "The document is empty"),
        ("nobody", "nonsense", 400, JSON + "Invalid value. at offset: 0"),
        ("half", '{"instances": [1.0]', 400, JSON),
        ("half", b'{"instances": ["\xff"]}', 400, "is not of expected type: float"),
        ("half", "[1]", 400, "Is not object"),
        ("half", "{}", 400, "Missing 'inputs' or 'instances' key"),
        ("half", {"inputs": [1], "instances": [1]}, 400, "expecting only one of 'inputs' or 'instances'"),
        ("half", {"instances": 1}, 400, "Expecting 'instances' to be an list/array"),
        ("half", {"instances": []}, 400, "No values in 'instances' array"),
        (
            "sums",
            {"instances": [1]},
            400,
            "instances is a plain list, but expecting list of objects as multiple",
        ),
        ("sums", {"instances": [{"a": [1, 2]}]}, 400, ROW + "JSON object: "),
        ("sums", {"instances": [{"a": [1, 2]}]}, 400, "keys must be equal to: a,b"),
        ("sums", {"inputs": {"a": [[1, 2]]}}, 400, "Missing named input: b in 'inputs' object."),
        ("half", {"inputs": ["x"]}, 400, 'JSON Value: "x" Type: String is not of expected type: float'),
        ("half", {"instances": ["x"]}, 400, ROW + "Error: INVALID_ARGUMENT: JSON Value: "),
        ("half", {"instances": [True]}, 400, "Type: True is not of expected type: float"),
        ("texts", {"instances": ["a", 1]}, 400, "Type: Number is not of expected type: string"),
        ("texts", {"instances": [{"b64": "?"}]}, 400, "Unable to base64 decode"),
        ("texts", '{"instances": ["\\ud800"]}', 400, ""),
        ("sums", {"instances": [{"a": [1, 2], "b": 1.5}]}, 400, "is not of expected type: int64"),
        (
            "sums",
            {"instances": [{"a": [1, 2], "b": 1}, {"a": [1], "b": 1}]},
            400,
            "Expecting tensor size: 2 but got: 1",
        ),
        ("half", {"inputs": [[1, 2], [3]]}, 400, "Encountered list at unexpected size"),
        ("sums", {"signature_name": "whole", "instances": [1]}, 400, "has no shape information"),
        (
            "half",
            {"signature_name": "x", "inputs": [1]},
            400,
            'Serving signature name: "x" not found in signature def',
        ),
        ("half", {"signature_name": 1, "inputs": [1]}, 400, "'signature_name' key must be a string value."),
        ("odd", {"signature_name": "to_complex", "inputs": [1.0]}, 400, "for tensor type: complex64"),
        ("odd", {"signature_name": "from_complex", "instances": [1]}, 400, "to type: complex64"),
        ("odd", {"signature_name": "from_complex", "inputs": [1]}, 501, "to type: complex64"),
        (
            "odd",
            {"instances": ["a"], "signature_name": "__saved_model_init_op"},
            400,
            "__saved_model_init_op",
        ),
        ("refusing", {"inputs": [1.0]}, 400, "never content"),
    ],
)
def test_predict_errors(http: httpx.Client, target: str, body: object, status: int, text: str) -> None:
    got, answer = predict(http, target, body)
    assert got == status
    assert list(answer) == ["error"]
    assert text in answer["error"]


@pytest.mark.parametrize(
    ("method", "path", "status", "text"),
    [
        ("GET", "/v1/models", 400, "Missing model name in request."),
        ("GET", "/v1/models/nobody", 404, "Could not find any versions of model nobody"),
        ("GET", "/v1/models/half/versions/9", 404, "Could not find version 9 of model half"),
        ("GET", "/v1/models/half/labels/no/metadata", 400, "Unrecognized servable version label: no"),
        (
            "GET",
            "/v1/models/half/versions/9/metadata",
            404,
            "Servable not found for request: Specific(half, 9)",
        ),
        ("GET", "/v1/models/half:predict", 400, "Malformed request: GET /v1/models/half:predict"),
        ("GET", "/v1/models/half/version/1", 400, "Malformed request: GET"),
        ("GET", "/v1/models/half/versions/1/labels/stable", 400, "Malformed request: GET"),
        ("POST", "/v1/models/half", 400, "Malformed request: POST /v1/models/half"),
        ("POST", "/v1/models/half/versions/x:predict", 400, "Malformed request: POST"),
        ("GET", "/v1/else", 400, "Malformed request: GET /v1/else"),
    ],
)
def test_other_errors(http: httpx.Client, method: str, path: str, status: int, text: str) -> None:
    answer = http.request(method, path)
    assert answer.status_code == status
    assert text in answer.json()["error"]


@pytest.mark.parametrize(("method", "kind"), [("classify", "classification"), ("regress", "regression")])
def test_classify_and_regress_refuse_a_predict_signature(http: httpx.Client, method: str, kind: str) -> None:
    answer = http.post(f"/v1/models/half:{method}", json={"examples": [{"x": 1.0}]})
    assert answer.status_code == 400
    assert (
        f"Expected {kind} signature method_name to be tensorflow/serving/{method}" in answer.json()["error"]
    )


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_a_path_outside_v1_is_404(http: httpx.Client, method: str) -> None:
    answer = http.request(method, "/healthz")
    assert answer.status_code == 404
    assert answer.json() == {"error": f"Not Found: {method} /healthz"}


def test_a_method_that_http_has_not_is_400(http: httpx.Client) -> None:
    answer = http.request("BREW", "/healthz")
    assert answer.status_code == 400
    assert answer.json().keys() == {"error"}


def test_a_foreign_name_for_this_machine_is_refused(http: httpx.Client) -> None:
    """As by a page whose own name points here (DNS rebinding); before any body is read."""
    port = http.base_url.port
    origin = {"Host": f"evil.example:{port}", "Origin": f"http://evil.example:{port}"}
    for answer in (
        http.post("/v1/models/half:predict", json={"instances": [1.0]}, headers=origin),
        http.post("/v1/models/half:predict", content=b"nonsense", headers=origin),
        http.get("/v1/models/half/metadata", headers=origin),
        http.options("/v1/models/half:predict", headers=origin),
    ):
        assert answer.status_code == 421
        assert f"'evil.example:{port}'" in answer.json()["error"]
        assert "TWEETSIEVE_ALLOWED_HOSTS" in answer.json()["error"]
    for name in ("localhost", f"LOCALHOST:{port}", f"[::1]:{port}"):
        assert http.get("/v1/models/half/metadata", headers={"Host": name}).status_code == 200

"""Any request gives an answer in JSON: 200, or what the client did wrong as a 4xx."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.serving.local_server.rest_api import HttpRequest, respond
from tests.support.models.echo_servable import NOT_LISTED, EchoManager, EchoServable

PREDICT = "/v1/models/echo:predict"
SIGNATURES = [*EchoServable.signatures, "nope", "", 5, None, ["two"]]

scalars = (
    st.sampled_from([None, True, False, 0, 1, -1, 255, 256, 2**31, 2**63, -(2**63) - 1, 10**400, 1.5, 1e300])
    | st.sampled_from([float("nan"), float("inf"), "", "text", "\ud800", "\udc00", "\x00", "\u00e9"])
    | st.sampled_from([{"b64": "QQ=="}, {"b64": "?"}, {"b64": 5}, {"b64": "QQ", "x": 1}, {}, {"x": 1}])
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abx"), inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from(["instances", "inputs", "signature_name", "other"])


@st.composite
def asked_for(draw: st.DrawFn) -> bytes:
    """A request that has something of a right one."""
    request: Any = draw(st.dictionaries(keys, values, max_size=2))
    if draw(st.booleans()):
        request["signature_name"] = draw(st.sampled_from(SIGNATURES))
    return json.dumps(request).encode()


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    body = draw(asked_for())
    at = draw(st.integers(0, len(body)))
    return body[:at] + draw(st.binary(max_size=4)) + body[at + draw(st.integers(0, 4)) :]


bodies = st.binary(max_size=20) | asked_for() | damaged()
compressed = bodies.map(gzip.compress)
numbers = st.sampled_from(["3", "0003", "0", str(2**63), "9" * 5000, "-1", "x", "\u0663", ""])
paths = st.sampled_from([PREDICT, "/v1/models/echo", "/v1/models/echo/metadata", "/v1", "/v1/", "/", ""]) | (
    st.builds(
        "/v1/models/{}{}{}{}".format,
        st.sampled_from(["echo", "nope", "%ff", "%00", "\udcff", "e%2Fo", "%"]),
        numbers.map("/versions/{}".format)
        | st.sampled_from(["", "/labels/stable", "/labels/%ff", "/labels/"]),
        st.sampled_from(["", ":predict", ":PREDICT", ":classify", ":regress", "/metadata", "/Metadata", ":"]),
        st.sampled_from(["", "?a=b", "#x", "/", "\n"]),
    )
)


def is_right(status: int, body: bytes) -> bool:
    if status == 200:
        json.loads(body.decode("utf-8", "surrogateescape") or "{}")
        return True
    (message,) = json.loads(body.decode("utf-8")).items()
    return 400 <= status < 500 and message[0] == "error" and bool(message[1])


def ask(body: bytes | str, path: str = PREDICT, method: str = "POST", **more: str) -> tuple[int, bytes]:
    raw = body.encode() if isinstance(body, str) else body
    return respond(EchoManager(), HttpRequest(method, path, raw, **more))  # type: ignore[arg-type]


@settings(max_examples=40)
@given(bodies | compressed, st.sampled_from(["", "gzip", "deflate", "br"]))
def test_any_body(body: bytes, encoding: str) -> None:
    status, answer = ask(body, content_encoding=encoding)
    not_listed = status == 501 and any(dtype.encode() in answer for dtype in NOT_LISTED)
    assert is_right(status, answer) or not_listed


@settings(max_examples=40)
@given(
    paths | st.text(max_size=20), st.sampled_from(["GET", "POST", "PUT", "HEAD", "OPTIONS", "BREW"]), bodies
)
def test_any_path_and_method(path: str, method: str, body: bytes) -> None:
    assert is_right(*ask(body, path, method))


@pytest.mark.parametrize("signature", ["float", "string", "bool", "two"])
@pytest.mark.parametrize("form", ["instances", "inputs"])
@pytest.mark.parametrize("depth", [0, 1, 63, 64, 65, 600, 1024, 5000])
def test_any_depth(signature: str, form: str, depth: int) -> None:
    """Python calls go 1,000 deep, orjson reads 1,024, and an array has 64 dimensions."""
    body = f'{{"signature_name": "{signature}", "{form}": {"[" * depth}{"]" * depth}}}'
    assert is_right(*ask(body))


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b'\xef\xbb\xbf{"instances": [1]}', {"predictions": [1.0]}),
        ('{"instances": [1], "more": ' + "[" * 2000 + "]" * 2000 + "} and more", {"predictions": [1.0]}),
        ('{"signature_name": "string", "instances": [{"b64": "aGk"}, "x"]}', {"predictions": ["hi", "x"]}),
        ('{"signature_name": "string", "inputs": {"b64": "aGk="}}', {"outputs": "hi"}),
        ('{"signature_name": "string", "inputs": "hi"}', {"outputs": "hi"}),
        ('{"signature_name": "two", "inputs": {"a": 1, "b": "x", "c": 2}}', {"outputs": {"a": 1, "b": "x"}}),
        (
            '{"signature_name": "two", "instances": [{"a": [1], "b": ""}]}',
            {"predictions": [{"a": [1], "b": ""}]},
        ),
        ('{"signature_name": "", "inputs": {"x": []}}', {"outputs": []}),
        ('{"signature_name": "int8", "instances": [[], []]}', {"predictions": [[], []]}),
        ('{"signature_name": "uint64", "inputs": 18446744073709551615}', {"outputs": 2**64 - 1}),
    ],
)
def test_answers(body: bytes | str, answer: object) -> None:
    status, got = ask(body)
    assert (status, json.loads(got)) == (200, answer)


def test_bytes_that_are_no_utf8_come_back() -> None:
    for written in (b'"\xff\x00"'.replace(b"\x00", b"\\u0000"), b'{"b64": "/wA="}'):
        status, got = ask(b'{"signature_name": "string", "inputs": [%s]}' % written)
        assert (status, got) == (200, b'{"outputs": ["\xff\\u0000"]}')


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ('{"instances": ["\\ud800"]}', 400, "The surrogate pair in string is invalid."),
        ('{"signature_name": "int32", "instances": ["\\udc00"]}', 400, "JSON Parse error: "),
        (b'{"signature_name": "int32", "instances": ["\xff"]}', 400, "is not of expected type: int32"),
        (
            '{"instances": [[1, 2], [3]]}',
            400,
            "element: 1 of 'instances' list. Error: INVALID_ARGUMENT: Expecting ",
        ),
        ('{"instances": [[1, 2], [[3, 4]]]}', 400, "Expecting shape [2] but got: [1,2]"),
        ('{"instances": [1, [1]]}', 400, "Expecting shape [] but got: [1]"),
        (
            '{"instances": [[1], {"x": 1}]}',
            400,
            "Expecting value/list but got object at item 1 of input list",
        ),
        ('{"instances": [{"x": 1}, 5]}', 400, "Expecting object but got list at item 1 of input list"),
        (
            '{"instances": [{"y": 1}]}',
            400,
            "element: 0 key: y of 'instances' list. Error: INVALID_ARGUMENT: JSON",
        ),
        (
            '{"instances": [{"x": "a"}]}',
            400,
            "element: 0 key: x of 'instances' list. Error: INVALID_ARGUMENT: ",
        ),
        (
            '{"inputs": [[1, 2], 3]}',
            400,
            "JSON Value: 3 found at incorrect level: 2 in the JSON DOM. Expected at",
        ),
        ('{"inputs": [1, [2]]}', 400, "Encountered list at unexpected level: 1 expected < 1"),
        (
            '{"signature_name": "int8", "inputs": [1, 128]}',
            400,
            "JSON Value: 128 Type: Number is not of expected",
        ),
        (
            '{"signature_name": "int64", "inputs": 1e3}',
            400,
            "JSON Value: 1000.0 Type: Number is not of expected",
        ),
        ('{"signature_name": "bool", "inputs": 1}', 400, "is not of expected type: bool"),
        (
            '{"signature_name": "string", "inputs": {"b64": 1}}',
            400,
            "Missing named input: x in 'inputs' object.",
        ),
        (
            '{"signature_name": "half", "instances": [1]}',
            400,
            "Error: UNIMPLEMENTED: Conversion of JSON Value: 1",
        ),
        (
            '{"signature_name": "complex64", "inputs": [1]}',
            501,
            "Conversion of JSON Value: 1 to type: complex64",
        ),
        ('{"signature_name": "empty", "inputs": {}}', 400, "Failed to get input map for signature: empty"),
        (
            '{"signature_name": %s, "inputs": 1}' % ("[" * 5000 + "]" * 5000),
            400,
            "key must be a string value",
        ),
    ],
)
def test_errors(body: bytes | str, status: int, text: str) -> None:
    got, answer = ask(body)
    assert got == status
    assert text in json.loads(answer)["error"]


def test_a_body_that_is_no_gzip_is_only_looked_at_where_it_counts() -> None:
    status, answer = ask(b"no gzip", content_encoding="gzip")
    assert status == 400
    assert "The document is empty" in json.loads(answer)["error"]
    assert ask(b"no gzip", "/v1/models/echo", "GET", content_encoding="gzip")[0] == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/models/echo/versions/0000000000000000000000003", 200),
        ("GET", f"/v1/models/echo/versions/{2**63}", 400),
        ("GET", f"/v1/models/echo/versions/{2**63 - 1}", 200),
        ("GET", "/v1/models/echo?a=b", 404),
        ("GET", "/v1/models/echo/Metadata", 200),
        ("POST", PREDICT + "?a=b", 400),
        ("POST", "/v1/models/echo:Predict", 400),
        ("POST", "/V1/MODELS/echo/LABELS/stable:predict", 400),  # for the body is empty
        ("HEAD", "/v1/models/echo", 400),
        ("PUT", PREDICT, 400),
        ("GET", "/healthz", 404),
        ("GET", "/v1", 404),
    ],
)
def test_paths(method: str, path: str, status: int) -> None:
    got, answer = ask("", path, method)
    assert got == status
    assert is_right(got, answer)


def test_a_preflight_needs_an_origin() -> None:
    assert ask("", PREDICT, "OPTIONS", origin="https://a.example") == (200, b"")
    assert ask("", PREDICT, "OPTIONS")[0] == 400


def test_a_body_as_some_clients_write_it(real_data: Path) -> None:
    body = (real_data / "faults" / "serving-body-with-bom" / "body.json").read_bytes()
    status, answer = ask(body.replace(b"{", b'{"signature_name": "string", ', 1))
    assert (status, json.loads(answer)) == (200, {"predictions": ["a"]})

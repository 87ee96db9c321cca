"""Conformance of the local model server with TF Serving's REST contract, over real HTTP."""

from __future__ import annotations

import base64
import json
import math
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest

from include.infra.processes.ports import free_ports
from include.infra.processes.service import listens
from include.serving.client import ServingClient, ServingError, ServingUnavailable
from include.serving.config import ModelConfig, write_config
from tests.support import tiny_models
from tests.support.model_server import command, model_server

pytestmark = pytest.mark.stack


def await_true(condition: Callable[[], bool], seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.05)


def state(http: httpx.Client, name: str, version: int) -> str | None:
    answer = http.get(f"/v1/models/{name}/versions/{version}")
    return answer.json()["model_version_status"][0]["state"] if answer.status_code == 200 else None


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("serving")
    tiny_models.half_plus(folder / "half" / "1", 2)
    tiny_models.half_plus(folder / "half" / "2", 3)
    tiny_models.sums(folder / "sums" / "7")
    tiny_models.texts(folder / "texts" / "1")
    tiny_models.refusing(folder / "refusing" / "1")
    tiny_models.classifier(folder / "clf" / "4", 4)
    tiny_models.classifier(folder / "clf" / "5", 5, math.nan)
    tiny_models.classifier(folder / "clf" / "6", 6, 1.5)
    return folder


@pytest.fixture(scope="module")
def base_config(store: Path) -> list[ModelConfig]:
    def model(name: str, *versions: int, **labels: int) -> ModelConfig:
        return ModelConfig(name, str(store / name), versions, labels)

    return [
        model("half", 1, 2, stable=1, canary=2),
        model("sums", 7),
        model("texts", 1),
        model("refusing", 1),
        model("clf", 4, 5, 6, stable=4),
    ]


@pytest.fixture(scope="module")
def http(store: Path, base_config: list[ModelConfig]) -> Iterator[httpx.Client]:
    config = store / "models.config"
    write_config(config, base_config)
    with model_server(free_ports(1)[0], config, store / "logs") as client:
        for model in base_config:
            for version in model.versions:
                await_true(lambda m=model, v=version: state(client, m.name, v) == "AVAILABLE")
        await_true(
            lambda: client.post("/v1/models/half/labels/stable:predict", json={"inputs": [1]}).is_success
        )
        yield client


def predict(http: httpx.Client, target: str, body: object) -> tuple[int, dict]:
    content = body if isinstance(body, (str, bytes)) else json.dumps(body)
    answer = http.post(f"/v1/models/{target}:predict", content=content)
    assert answer.headers["content-type"].startswith("application/json")
    return answer.status_code, json.loads(answer.content)


@pytest.mark.parametrize(
    ("target", "body", "answer"),
    [
        ("half", {"instances": [1.0, 2.0, 5]}, {"predictions": [3.5, 4.0, 5.5]}),
        ("half/versions/1", {"instances": [1.0, 2.0]}, {"predictions": [2.5, 3.0]}),
        ("half/labels/stable", {"instances": [1.0]}, {"predictions": [2.5]}),
        ("half/labels/canary", {"instances": [1.0]}, {"predictions": [3.5]}),
        ("half", {"inputs": [1.0, 2.0]}, {"outputs": [3.5, 4.0]}),
        ("half", {"inputs": {"x": [1.0]}}, {"outputs": [3.5]}),
        ("half", {"instances": [{"x": 1.0}, {"x": 2}]}, {"predictions": [3.5, 4.0]}),
        ("half", {"signature_name": "serving_default", "inputs": [0.1]}, {"outputs": [3.05]}),
        (
            "sums",
            {"instances": [{"a": [1, 2], "b": 3}, {"a": [0.5, 0], "b": 1}]},
            {"predictions": [{"total": 6.0, "twice": 6}, {"total": 1.5, "twice": 2}]},
        ),
        (
            "sums",
            {"inputs": {"a": [[1, 2], [0.5, 0]], "b": [3, 1]}},
            {"outputs": {"total": [6.0, 1.5], "twice": [6, 2]}},
        ),
        ("sums", {"signature_name": "whole", "inputs": [1, 2, 3]}, {"outputs": 6}),
        (
            "texts",
            {"instances": ["héllo", "", {"b64": "//4="}]},
            {
                "predictions": [
                    {"same": "héllo", "raw_bytes": {"b64": "aMOpbGxv"}, "length": 6, "empty": False},
                    {"same": "", "raw_bytes": {"b64": ""}, "length": 0, "empty": True},
                    {"same": "\ufffd\ufffd", "raw_bytes": {"b64": "//4="}, "length": 2, "empty": False},
                ]
            },
        ),
    ],
)
def test_predict(http: httpx.Client, target: str, body: object, answer: object) -> None:
    assert predict(http, target, body) == (200, answer)


def test_paths_are_case_insensitive(http: httpx.Client) -> None:
    answer = http.post("/V1/Models/half/VERSIONS/1:Predict", content='{"instances": [1.0]}')
    assert answer.json() == {"predictions": [2.5]}
    assert http.get("/V1/MODELS/half/Metadata").status_code == 200


def test_names_are_url_decoded_and_kept_in_case(http: httpx.Client) -> None:
    assert predict(http, "h%61lf", {"inputs": [1]}) == (200, {"outputs": [3.5]})
    assert predict(http, "HALF", {"inputs": [1]})[0] == 404


def test_nan_and_infinity_are_tokens_both_ways(http: httpx.Client) -> None:
    status, answer = predict(http, "half", '{"instances": [NaN, Infinity, -Infinity, 1.0]}')
    assert status == 200
    assert math.isnan(answer["predictions"][0])
    assert answer["predictions"][1:] == [math.inf, -math.inf, 3.5]
    raw = http.post("/v1/models/clf/versions/5:predict", content='{"instances": ["a"]}').text
    assert '"ai_prob": NaN' in raw or '"ai_prob":NaN' in raw


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
        ("half", b'{"instances": ["\xff"]}', 400, JSON),
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
        ("sums", {"signature_name": "whole", "instances": [1]}, 400, "batch"),
        (
            "half",
            {"signature_name": "x", "inputs": [1]},
            400,
            'Serving signature name: "x" not found in signature def',
        ),
        ("half", {"signature_name": 1, "inputs": [1]}, 400, "'signature_name' key must be a string value."),
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


def test_a_path_outside_v1_is_404_without_json(http: httpx.Client) -> None:
    answer = http.get("/healthz")
    assert answer.status_code == 404
    assert "json" not in answer.headers["content-type"]


def test_status(http: httpx.Client) -> None:
    ok = {"error_code": "OK", "error_message": ""}
    one = {"version": "1", "state": "AVAILABLE", "status": ok}
    assert http.get("/v1/models/half/versions/1").json() == {"model_version_status": [one]}
    both = http.get("/v1/models/half").json()["model_version_status"]
    assert sorted(entry["version"] for entry in both) == ["1", "2"]
    assert http.get("/v1/models/half/labels/stable").json()["model_version_status"] == both


def test_metadata(http: httpx.Client) -> None:
    answer = http.get("/v1/models/texts/metadata").json()
    assert answer["model_spec"] == {"name": "texts", "signature_name": "", "version": "1"}
    served = answer["metadata"]["signature_def"]["signature_def"]["serving_default"]
    assert served["method_name"] == "tensorflow/serving/predict"
    text = served["inputs"]["text"]
    assert text["dtype"] == "DT_STRING"
    assert text["tensor_shape"] == {"dim": [{"size": "-1", "name": ""}], "unknown_rank": False}
    assert served["outputs"].keys() == {"same", "raw_bytes", "length", "empty"}
    assert http.get("/v1/models/half/metadata").json()["model_spec"]["version"] == "2"


def test_float32_comes_with_the_fewest_digits(http: httpx.Client) -> None:
    assert http.post("/v1/models/half:predict", json={"inputs": [0.2]}).text == '{"outputs":[3.1]}'
    named = http.post("/v1/models/clf/versions/4:predict", json={"instances": ["ai"]}).text
    assert named == '{"predictions":[{"ai_prob":0.9,"model_version":4}]}'


def test_many_requests_at_once(http: httpx.Client) -> None:
    wrong: list[object] = []

    def ask(number: int) -> None:
        for _ in range(20):
            answer = http.post("/v1/models/half:predict", json={"instances": [float(number)]}).json()
            if answer != {"predictions": [number / 2 + 3]}:
                wrong.append(answer)

    threads = [threading.Thread(target=ask, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


class TestClient:
    @pytest.fixture
    def client(self, http: httpx.Client) -> Iterator[ServingClient]:
        with ServingClient(str(http.base_url), "clf") as client:
            yield client

    def test_predicts(self, client: ServingClient) -> None:
        prediction = client.predict(["about AI", "about tea", "\ud800 \x00 🙂"], version=4)
        assert prediction.probabilities.round(6).tolist() == [0.9, 0.1, 0.1]
        assert prediction.model_version == 4

    def test_by_label(self, http: httpx.Client) -> None:
        with ServingClient(str(http.base_url), "clf", label="stable") as client:
            assert client.predict(["ai"]).model_version == 4

    @pytest.mark.parametrize(("version", "text"), [(5, "not a finite number"), (6, "outside")])
    def test_refuses_what_is_no_probability(self, client: ServingClient, version: int, text: str) -> None:
        with pytest.raises(ServingError, match=text):
            client.predict(["ai"], version=version)

    def test_refuses_other_outputs(self, http: httpx.Client) -> None:
        with (
            ServingClient(str(http.base_url), "texts") as client,
            pytest.raises(ServingError, match="ai_prob"),
        ):
            client.predict(["ai"])

    def test_says_what_the_server_said(self, client: ServingClient) -> None:
        with pytest.raises(ServingError, match=r"Specific\(clf, 9\)") as caught:
            client.predict(["ai"], version=9)
        assert caught.value.status == 404

    def test_status(self, client: ServingClient) -> None:
        assert [one.available for one in client.status(4)] == [True]
        assert client.is_ready()
        client.wait_available(4, timeout=1)
        with pytest.raises(ServingError, match="unknown to the server"):
            client.wait_available(9, timeout=0.2)

    def test_no_server(self) -> None:
        (port,) = free_ports(1)
        with ServingClient(f"http://127.0.0.1:{port}", "clf", attempts=2) as client:
            assert not client.is_ready()
            with pytest.raises(ServingUnavailable, match=f"127.0.0.1:{port}"):
                client.predict(["ai"])


class Life:
    """A server whose configuration a test changes; every test has a model of its own."""

    def __init__(self, http: httpx.Client, config: Path, folder: Path) -> None:
        self.http, self.config, self.folder = http, config, folder
        assert http.base_url.port is not None
        self.port = http.base_url.port

    def write(self, name: str, versions: tuple[int, ...], **labels: int) -> None:
        write_config(self.config, [ModelConfig(name, str(self.folder / name), versions, labels)])

    def serve(self, name: str, versions: tuple[int, ...], **labels: int) -> None:
        """Make half_plus models of those versions, and wait until they are there."""
        for version in versions:
            tiny_models.half_plus(self.folder / name / str(version), version + 1)
        self.write(name, versions, **labels)
        for version in versions:
            await_true(lambda v=version: state(self.http, name, v) == "AVAILABLE")

    def ask(self, target: str) -> tuple[int, dict]:
        return predict(self.http, target, {"inputs": [1]})


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    folder = tmp_path_factory.mktemp("life")
    config = folder / "models.config"
    with model_server(free_ports(1)[0], config, folder / "logs") as client:
        yield Life(client, config, folder)


class TestLife:
    """What changes while the server runs: versions, labels, failures, the end."""

    def test_it_is_up_before_there_is_a_model(self, life: Life) -> None:
        assert life.http.get("/v1/models/moving/metadata").status_code == 404
        await_true(lambda: life.ask("moving/labels/stable")[0] == 400)  # 503 until the file was looked for
        assert life.ask("moving")[0] == 404

    def test_a_version_is_added_moved_to_and_dropped(self, life: Life) -> None:
        life.serve("moving", (1,), stable=1)
        await_true(lambda: life.ask("moving/labels/stable") == (200, {"outputs": [2.5]}))
        tiny_models.half_plus(life.folder / "moving" / "2", 3)
        life.write("moving", (1, 2), stable=1)
        await_true(lambda: state(life.http, "moving", 2) == "AVAILABLE")
        assert life.ask("moving/labels/stable") == (200, {"outputs": [2.5]})
        assert life.ask("moving") == (200, {"outputs": [3.5]})
        life.write("moving", (2,), stable=2)
        await_true(lambda: state(life.http, "moving", 1) == "END")
        await_true(lambda: life.ask("moving/labels/stable") == (200, {"outputs": [3.5]}))
        write_config(life.config, [])
        await_true(lambda: state(life.http, "moving", 2) == "END")
        assert life.ask("moving")[0] == 404

    def test_a_failed_load_leaves_the_old_version_serving(self, life: Life) -> None:
        life.serve("failing", (1,), stable=1)
        tiny_models.broken(life.folder / "failing" / "2")
        life.write("failing", (2,), stable=2)
        await_true(lambda: state(life.http, "failing", 2) == "END")
        failed = life.http.get("/v1/models/failing/versions/2").json()["model_version_status"][0]["status"]
        assert failed["error_code"] != "OK"
        assert failed["error_message"]
        assert life.ask("failing") == (200, {"outputs": [2.5]})
        await_true(lambda: life.ask("failing/labels/stable") == (200, {"outputs": [2.5]}))
        with (
            ServingClient(str(life.http.base_url), "failing") as client,
            pytest.raises(ServingError, match="failed to load"),
        ):
            client.wait_available(2, timeout=60)

    def test_a_failed_version_that_is_wanted_anew_is_tried_anew(self, life: Life) -> None:
        life.serve("mended", (1,))
        tiny_models.broken(life.folder / "mended" / "2")
        life.write("mended", (1, 2))
        await_true(lambda: state(life.http, "mended", 2) == "END")
        life.serve("mended", (3,))  # a new version in service proves that this file was read, without 2
        (life.folder / "mended" / "2" / "saved_model.pb").unlink()
        life.serve("mended", (2,))
        assert life.ask("mended") == (200, {"outputs": [3.5]})

    def test_a_broken_configuration_changes_nothing(self, life: Life) -> None:
        life.serve("kept", (1,))
        life.config.write_text("model_config_list {")
        await_true(lambda: "keeping the last configuration" in log_of(life.folder / "logs"))
        assert life.ask("kept")[0] == 200

    def test_sigterm_answers_what_is_under_way_and_ends_with_0(self, life: Life) -> None:
        """The last of this class: it ends the server."""
        life.serve("under_way", (1,))
        body = b'{"instances": [1.0]}'
        head = f"POST /v1/models/under_way:predict HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
        with socket.create_connection(("127.0.0.1", life.port), timeout=20) as connection:
            connection.sendall((head + "Expect: 100-continue\r\n\r\n").encode())
            assert connection.recv(1000).startswith(b"HTTP/1.1 100")  # the request is being handled
            life.http.server.send_signal(signal.SIGTERM)  # type: ignore[attr-defined]
            await_true(lambda: not listens("127.0.0.1", life.port))
            connection.sendall(body)
            assert connection.recv(1000).startswith(b"HTTP/1.1 200")
        assert life.http.server.wait(60) == 0  # type: ignore[attr-defined]

    def test_a_kept_connection_loses_no_request_at_the_end(self, tmp_path: Path) -> None:
        port = free_ports(1)[0]
        tiny_models.half_plus(tmp_path / "half" / "1", 2)
        write_config(tmp_path / "config", [ModelConfig("half", str(tmp_path / "half"), (1,), {"stable": 1})])
        flags = ("--drain_seconds", "8")
        with model_server(port, tmp_path / "config", tmp_path / "logs", *flags) as client:
            await_true(lambda: state(client, "half", 1) == "AVAILABLE")
            kept = HTTPConnection("127.0.0.1", port, timeout=20)
            assert post(kept) == (200, None)
            client.server.send_signal(signal.SIGTERM)  # type: ignore[attr-defined]
            await_true(lambda: post(kept) == (200, "close"))
            assert post(HTTPConnection("127.0.0.1", port, timeout=20)) == (200, "close"), "a late caller"
            assert client.server.wait(60) == 0  # type: ignore[attr-defined]

    @pytest.mark.parametrize("broken", [False, True])
    def test_the_port_can_stay_closed_until_all_is_loaded(self, tmp_path: Path, broken: bool) -> None:
        port = free_ports(1)[0]
        tiny_models.half_plus(tmp_path / "half" / "1", 2)
        make = tiny_models.broken if broken else lambda folder: tiny_models.half_plus(folder, 3)
        make(tmp_path / "half" / "2")
        write_config(
            tmp_path / "config", [ModelConfig("half", str(tmp_path / "half"), (1, 2), {"stable": 1})]
        )
        flags = ("--open_when_loaded", "--model_config_file_poll_wait_seconds", "0")
        with subprocess.Popen(command(port, tmp_path / "config", *flags), stderr=subprocess.PIPE) as server:
            await_true(lambda: server.poll() is not None or listens("127.0.0.1", port))
            if broken:
                assert server.wait(60) == 1
                assert b"model(s) did not become available: half version 2" in server.stderr.read()
                return
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
                assert state(client, "half", 1) == state(client, "half", 2) == "AVAILABLE"
            server.terminate()

    def test_a_taken_port_is_named(self, http: httpx.Client, tmp_path: Path) -> None:
        port = http.base_url.port
        assert port is not None
        ended = subprocess.run(command(port, tmp_path / "none"), capture_output=True, text=True, timeout=300)
        assert ended.returncode == 1
        assert f"127.0.0.1:{port}" in ended.stderr
        assert "TWEETSIEVE_SERVING_PORT" in ended.stderr

    def test_a_broken_first_configuration_is_named(self, tmp_path: Path) -> None:
        config = tmp_path / "models.config"
        config.write_text("what is this")
        ended = subprocess.run(command(free_ports(1)[0], config), capture_output=True, text=True, timeout=300)
        assert ended.returncode == 1
        assert str(config) in ended.stderr


def post(kept: HTTPConnection) -> tuple[int, str | None]:
    """Status and Connection header of an answer on a connection that is never opened anew but by us."""
    kept.request("POST", "/v1/models/half:predict", '{"instances": [1.0]}')
    answer = kept.getresponse()
    answer.read()
    return answer.status, answer.headers["Connection"]


def log_of(folder: Path) -> str:
    return "".join(path.read_text() for path in folder.glob("*.log"))


def test_base64_of_a_long_binary(http: httpx.Client) -> None:
    raw = bytes(range(256)) * 10
    _, answer = predict(http, "texts", {"inputs": [{"b64": base64.b64encode(raw).decode()}]})
    assert base64.b64decode(answer["outputs"]["raw_bytes"][0]["b64"]) == raw

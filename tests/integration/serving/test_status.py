"""States and metadata of versions."""

from __future__ import annotations

import httpx
import pytest

pytestmark = pytest.mark.stack


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

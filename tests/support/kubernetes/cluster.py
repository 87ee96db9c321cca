"""The cluster that KUBECONFIG names, with the overlay ``testbed`` applied to it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from include.settings import PROJECT_ROOT

NAMESPACE = "tweetsieve"


def require_cluster() -> None:
    """Skip, saying why, where there is no cluster to test on."""
    if not os.environ.get("KUBECONFIG"):
        pytest.skip(os.environ.get("NO_TEST_CLUSTER", "KUBECONFIG names no cluster"))
    if shutil.which("kubectl") is None:
        pytest.skip("no kubectl on the PATH")
    found = kubectl("get", "namespace", NAMESPACE, "--ignore-not-found", "--output=json").stdout
    if found and "tweetsieve/tests" not in json.loads(found)["metadata"].get("labels", {}):
        pytest.skip(f"the namespace {NAMESPACE} of this cluster is not the tests' own; they would delete it")


def kubectl(*arguments: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    command = ["kubectl", *arguments]
    done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
    return done


def render(folder: str) -> str:
    return kubectl("kustomize", str(PROJECT_ROOT / "k8s" / folder)).stdout


def testbed_manifests(models: Path) -> str:
    """The overlay with this machine's folders, each mounted once (Python's home may be /usr)."""
    places = {
        "PYTHON_HOME": sys.base_prefix,
        "VENV": str(Path(sys.prefix).resolve()),
        "CHECKOUT": str(PROJECT_ROOT.resolve()),
        "MODELS": str(models),
    }
    text = render("overlays/testbed")
    for name, place in places.items():
        text = text.replace(name, place)
    manifests = list(yaml.safe_load_all(text))
    for one in manifests:
        if one["kind"] == "Deployment":
            _mount_once(one["spec"]["template"]["spec"]["containers"][0])
    return yaml.safe_dump_all(manifests)


def _mount_once(container: dict[str, Any]) -> None:
    by_place: dict[str, Any] = {}
    for mount in container["volumeMounts"]:
        by_place.setdefault(mount["mountPath"], mount)
    container["volumeMounts"] = list(by_place.values())


def account_config(account: str, folder: Path) -> Path:
    """A kubeconfig with the token of a service account."""
    admin = json.loads(kubectl("config", "view", "--raw", "--minify", "--flatten", "--output=json").stdout)
    token = kubectl("create", "token", account, f"--namespace={NAMESPACE}", "--duration=2h").stdout.strip()
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": account,
        "clusters": [{"name": "c", "cluster": admin["clusters"][0]["cluster"]}],
        "users": [{"name": account, "user": {"token": token}}],
        "contexts": [{"name": account, "context": {"cluster": "c", "user": account, "namespace": NAMESPACE}}],
    }
    file = folder / f"{account}.kubeconfig"
    file.write_text(yaml.safe_dump(config), encoding="utf-8")
    file.chmod(0o600)
    return file

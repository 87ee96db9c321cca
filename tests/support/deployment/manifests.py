"""The manifests of k8s/ as an overlay renders them."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from typing import Any

import pytest
import yaml

from include.settings import PROJECT_ROOT

OVERLAYS = ("local", "production", "testbed")


@cache
def rendered(folder: str) -> str:
    """What ``kubectl kustomize`` makes of a folder below k8s/; skips where there is no kubectl."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("no kubectl on the PATH to render the manifests with")
    command = [kubectl, "kustomize", str(PROJECT_ROOT / "k8s" / folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def manifests(folder: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(rendered(folder)))


def manifest(folder: str, kind: str, name: str = "naive-text-clf") -> dict[str, Any]:
    (found,) = [one for one in manifests(folder) if (one["kind"], one["metadata"]["name"]) == (kind, name)]
    return found

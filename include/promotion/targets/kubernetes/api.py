"""The few calls that promotion makes to a cluster, with errors that say what to do.

The Role ``promoter`` of ``k8s/base`` allows exactly these.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import urllib3
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException

from include.promotion.errors import PromotionError, TargetUnreachable
from include.settings import Settings

MANAGER = "tweetsieve-promotion"
"""Owner of the fields that promotion applies; an apply of the manifests doesn't overwrite them."""
CALL_SECONDS = (5, 30)
"""To connect, and to answer."""
SERVER_SIDE_APPLY = "application/apply-patch+yaml"
JSON_PATCH = "application/json-patch+json"


class KubernetesApi:
    """Deployments, ConfigMaps and pods of one namespace, as plain dictionaries."""

    def __init__(self, settings: Settings, api: client.ApiClient | None = None) -> None:
        self.namespace = settings.kubernetes_namespace
        api = api or _connect(settings)
        self.host = api.configuration.host
        self._apps, self._core = client.AppsV1Api(api), client.CoreV1Api(api)
        self._common = {"_preload_content": False, "_request_timeout": CALL_SECONDS}

    def deployment(self, name: str) -> dict[str, Any]:
        with self._explained("get", f"the Deployment {name}"):
            return _data(self._apps.read_namespaced_deployment(name, self.namespace, **self._common))

    def apply_deployment(self, name: str, fields: dict[str, Any]) -> dict[str, Any]:
        """Server-side apply of a part of the Deployment; repeating it changes nothing."""
        whole = {"apiVersion": "apps/v1", "kind": "Deployment", **fields}
        options = {"field_manager": MANAGER, "force": True, "_content_type": SERVER_SIDE_APPLY}
        return self._patch(name, whole, options)

    def replace_in_deployment(self, name: str, path: str, value: Any) -> dict[str, Any]:
        """Replace one field as a whole."""
        operations = [{"op": "replace", "path": path, "value": value}]
        return self._patch(name, operations, {"field_manager": MANAGER, "_content_type": JSON_PATCH})

    def create_config_map(self, name: str, labels: dict[str, str], data: dict[str, str]) -> None:
        """Create an immutable ConfigMap; one of this name has the same content, as the name is its hash."""
        body = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "immutable": True,
            "data": data,
            "metadata": {"name": name, "labels": labels},
        }
        with self._explained("create", f"the ConfigMap {name}"):
            try:
                self._core.create_namespaced_config_map(
                    self.namespace, body, field_manager=MANAGER, **self._common
                )
            except ApiException as error:
                if error.status != 409:
                    raise

    def pods(self, labels: dict[str, str]) -> list[dict[str, Any]]:
        selector = ",".join(f"{name}={value}" for name, value in labels.items())
        with self._explained("list", "pods"):
            found = self._core.list_namespaced_pod(self.namespace, label_selector=selector, **self._common)
            return _data(found)["items"]

    def _patch(self, name: str, body: Any, options: dict[str, Any]) -> dict[str, Any]:
        with self._explained("patch", f"the Deployment {name}"):
            return _data(
                self._apps.patch_namespaced_deployment(name, self.namespace, body, **options, **self._common)
            )

    def _explained(self, verb: str, what: str) -> AbstractContextManager[None]:
        return explained(self.host, verb, what, self.namespace)


@contextmanager
def explained(host: str, verb: str, what: str, namespace: str) -> Iterator[None]:
    """A call's failure in words that say what to do.

    Raises:
        TargetUnreachable: the cluster does not answer at the moment.
        PromotionError: it refuses.
    """
    where = f"namespace {namespace} of the cluster at {host}"
    try:
        yield
    except ApiException as error:
        hint = {
            401: "the credentials are not accepted: see TWEETSIEVE_KUBERNETES_CONFIG",
            403: "the account lacks the right: the Role promoter of k8s/base gives it",
            404: "it is not there: apply an overlay of k8s/ first",
        }.get(error.status, _message(error))
        passing = error.status == 429 or error.status >= 500
        kind = TargetUnreachable if passing else PromotionError
        raise kind(f"can't {verb} {what} in {where} ({error.status}): {hint}") from error
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise TargetUnreachable(f"can't {verb} {what} in {where}: no answer ({error})") from error


def _connect(settings: Settings) -> client.ApiClient:
    try:
        if settings.kubernetes_config is not None:
            return config.new_client_from_config(config_file=str(settings.kubernetes_config))
        try:
            configuration = client.Configuration()
            config.load_incluster_config(client_configuration=configuration)
            return client.ApiClient(configuration)
        except config.ConfigException:
            return config.new_client_from_config()
    except (config.ConfigException, OSError) as error:
        raise PromotionError(
            f"no cluster to promote to ({error}): set TWEETSIEVE_KUBERNETES_CONFIG to a kubeconfig"
        ) from error


def _data(response: Any) -> dict[str, Any]:
    return json.loads(response.data)


def _message(error: ApiException) -> str:
    try:
        return str(json.loads(error.body)["message"])
    except (TypeError, ValueError, KeyError):
        return str(error.reason)

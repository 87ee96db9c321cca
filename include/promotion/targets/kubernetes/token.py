"""The token in a kubeconfig by which promotion reaches a cluster: a service account's, which ends some day.

The account asks for its own next one, as the Role ``promoter`` of ``k8s/base`` allows, with the one that it
has. An old token can't be taken back: it ends by itself.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from kubernetes import client, config

from include.infra.processes.secret_files import write_private
from include.promotion.errors import PromotionError
from include.promotion.targets.kubernetes.api import CALL_SECONDS, explained
from include.settings import Settings

LIFE = timedelta(hours=720)
"""What is asked for; a cluster may give less."""

DUE = 0.5
"""A token is renewed when less than this share of its life is left."""


def renew_token(settings: Settings) -> datetime | None:
    """Put a new token into the kubeconfig of the settings; until when it holds. None where there is no token.

    Raises:
        PromotionError: the cluster refuses, or the kubeconfig is none.
        TargetUnreachable: it does not answer.
    """
    path = settings.kubernetes_config
    if path is None:
        return None  # a pod's own account, whose token the cluster renews, or a person's
    content = _read(path)
    user = _user(content, path)
    if "token" not in user:
        return None
    namespace, name = _account(user["token"])
    api = client.CoreV1Api(config.new_client_from_config(config_file=str(path)))
    with explained(api.api_client.configuration.host, "create", f"a token of {name}", namespace):
        answer = api.create_namespaced_service_account_token(
            name,
            namespace,
            {"spec": {"expirationSeconds": int(LIFE.total_seconds())}},
            _request_timeout=CALL_SECONDS,
        )
    user["token"] = answer.status.token
    write_private(path, yaml.safe_dump(content, sort_keys=False))
    ends: datetime = answer.status.expiration_timestamp
    return ends


def renew_token_when_due(settings: Settings) -> datetime | None:
    """The same where more than half of its life is over; None where nothing was to be done."""
    if settings.promotion_target != "kubernetes" or settings.kubernetes_config is None:
        return None
    token = _user(_read(settings.kubernetes_config), settings.kubernetes_config).get("token")
    return renew_token(settings) if token and is_due(token, datetime.now(UTC)) else None


def is_due(token: str, now: datetime) -> bool:
    """Whether so much of a token's life is over that it is renewed; one that tells no end is left alone."""
    claims = _claims(token)
    if not {"iat", "exp"} <= claims.keys():
        return False
    return claims["exp"] - now.timestamp() < DUE * (claims["exp"] - claims["iat"])


def _account(token: str) -> tuple[str, str]:
    """Namespace and name of the account that a token is of."""
    kind, _, account = str(_claims(token).get("sub", "")).rpartition("serviceaccount:")
    namespace, _, name = account.partition(":")
    if kind != "system:" or not name:
        raise PromotionError(
            "the kubeconfig's token is no service account's, so that it can't be renewed: make one of the"
            " account promoter by 'kubectl create token', see docs/deploy.md"
        )
    return namespace, name


def _claims(token: str) -> dict[str, Any]:
    """What a token says of itself; its signature is the cluster's business."""
    body = token.split(".")[1] if token.count(".") == 2 else ""
    try:
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except ValueError:
        return {}
    return claims if isinstance(claims, dict) else {}


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as problem:
        raise PromotionError(
            f"{path} is no kubeconfig ({problem}): see TWEETSIEVE_KUBERNETES_CONFIG"
        ) from problem
    return content if isinstance(content, dict) else {}


def _user(content: dict[str, Any], path: Path) -> dict[str, Any]:
    """The user of the current context, as a part of the content."""
    try:
        contexts = {one["name"]: one["context"] for one in content["contexts"]}
        users: dict[str, dict[str, Any]] = {one["name"]: one["user"] for one in content["users"]}
        return users[contexts[content["current-context"]]["user"]]
    except (KeyError, TypeError) as problem:
        raise PromotionError(
            f"{path} names no user of its current context: see TWEETSIEVE_KUBERNETES_CONFIG"
        ) from problem

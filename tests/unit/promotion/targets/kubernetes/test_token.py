"""What a kubeconfig's token says of itself, and when it is renewed. That a cluster gives one: tests/e2e."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from include.promotion.errors import PromotionError
from include.promotion.targets.kubernetes.token import is_due, renew_token, renew_token_when_due
from include.settings import Settings

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def token(**claims: Any) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"head.{body}.signature"


def life(days_before: float, days_left: float) -> str:
    began, ends = NOW - timedelta(days=days_before), NOW + timedelta(days=days_left)
    return token(iat=began.timestamp(), exp=ends.timestamp())


@pytest.mark.parametrize(
    ("given", "due"),
    [
        (life(1, 29), False),
        (life(16, 14), True),
        (life(31, -1), True),
        (token(sub="x"), False),
        ("opaque", False),
        ("a.!!.c", False),
    ],
)
def test_a_token_is_renewed_in_the_second_half_of_its_life(given: str, due: bool) -> None:
    assert is_due(given, NOW) == due


def kubeconfig(folder: Path, user: dict[str, str] | None) -> Settings:
    path = folder / "config"
    content = {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"user": "u", "cluster": "k"}}],
        "users": [] if user is None else [{"name": "u", "user": user}],
    }
    path.write_text(yaml.safe_dump(content))
    return Settings(_env_file=None, kubernetes_config=path, promotion_target="kubernetes")


def test_a_certificate_is_nothing_to_renew(tmp_path: Path) -> None:
    assert renew_token(kubeconfig(tmp_path, {"client-certificate": "x"})) is None


@pytest.mark.parametrize("given", ["opaque", token(sub="system:serviceaccount:only"), token(sub="ann")])
def test_a_token_of_no_service_account_is_refused(tmp_path: Path, given: str) -> None:
    with pytest.raises(PromotionError, match=r"no service account's.*kubectl create token"):
        renew_token(kubeconfig(tmp_path, {"token": given}))


def test_a_kubeconfig_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(PromotionError, match="names no user"):
        renew_token(kubeconfig(tmp_path, None))
    missing = Settings(_env_file=None, kubernetes_config=tmp_path / "none")
    with pytest.raises(PromotionError, match="no kubeconfig"):
        renew_token(missing)


def test_a_young_token_is_left_alone(tmp_path: Path) -> None:
    now = datetime.now(UTC).timestamp()
    own = kubeconfig(tmp_path, {"token": token(iat=now, exp=now + 1000, sub="system:serviceaccount:n:p")})
    assert renew_token_when_due(own) is None
    assert renew_token_when_due(own.model_copy(update={"promotion_target": "local"})) is None

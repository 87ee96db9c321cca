"""Candidates that the gate refuses never reach production's server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from include.promotion.errors import PromotionRefused
from include.settings import Settings
from tests.support.models import tiny_models
from tests.support.promotion.whole_promotion import answering, current_version, ledger_rows, promote

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("shared_scoring")]

Store = Callable[..., int]


def test_a_worse_one_is_refused(production: Settings, store: Store, first: int) -> None:
    always = store(lambda folder, version: tiny_models.classifier(folder, version, 0.9))
    with pytest.raises(PromotionRefused, match="predicts the same for nearly every post") as caught:
        promote(always, production)
    assert "its F1 differs by" in str(caught.value)
    assert ledger_rows(production)[-1] == ("promote", first, always, "refused")
    assert current_version(production) == answering(production) == first


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda folder, version: tiny_models.broken(folder), "failed to load"),
        (
            lambda folder, version: tiny_models.classifier(folder, version, odd=float("nan")),
            "not a finite number",
        ),
        (lambda folder, version: tiny_models.classifier(folder, version + 1000), "model versions"),
    ],
    ids=["unreadable", "nan", "another version's name"],
)
def test_one_that_does_not_answer_properly_is_refused(
    production: Settings, store: Store, first: int, make: Callable[[Path, int], None], text: str
) -> None:
    version = store(make)
    with pytest.raises(PromotionRefused, match=text):
        promote(version, production)
    assert ledger_rows(production)[-1] == ("promote", first, version, "refused")
    assert current_version(production) == answering(production) == first


def test_the_server_was_never_asked_for_a_refused_one(production: Settings, store: Store, first: int) -> None:
    refused = store(lambda folder, version: tiny_models.classifier(folder, version, 0.9))
    with pytest.raises(PromotionRefused):
        promote(refused, production)
    url = f"{production.model_url}/v1/models/{production.model_name}/versions/{refused}"
    assert httpx.get(url).status_code == 404

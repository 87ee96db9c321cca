"""Rollouts that fail put back what was in service; one that was cut off is finished by the next."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from include.model.registry.store import ModelStore
from include.promotion.errors import PromotionFailed
from include.promotion.targets.local.target import LocalTarget
from include.settings import Settings
from tests.support.models import tiny_models
from tests.support.promotion.rollouts import ReadsElsewhere
from tests.support.promotion.whole_promotion import answering, current_version, ledger_rows, promote

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("shared_scoring")]

Store = Callable[..., int]


class LosesAFile(ReadsElsewhere, LocalTarget):
    """A target that loses the weights on the way to the server."""

    def publish(self, version: int, folder: Path) -> None:
        self.stored = folder
        super().publish(version, folder)
        served = self._published.folder / str(version) / "saved_model.pb"
        served.unlink()
        served.write_bytes(b"\x0a\xff")


def test_one_that_never_loads_is_rolled_back(production: Settings, store: Store, first: int) -> None:
    version = store(tiny_models.classifier)
    with pytest.raises(PromotionFailed, match=rf"failed to load.*Rolled back; in service: {first}"):
        promote(version, production, target=LosesAFile(production))
    assert ledger_rows(production)[-1] == ("promote", first, version, "rolled_back")
    assert current_version(production) == answering(production) == first
    assert not (production.serving_dir / production.model_name / str(version)).exists()


def test_one_that_differs_from_the_store_is_rolled_back(
    production: Settings, store: Store, first: int, tmp_path: Path
) -> None:
    version = store(tiny_models.classifier)

    class Swaps(ReadsElsewhere, LocalTarget):
        def publish(self, number: int, folder: Path) -> None:
            self.stored = folder
            tiny_models.classifier(tmp_path / "other", number, 0.4)
            super().publish(number, tmp_path / "other")

    with pytest.raises(PromotionFailed, match="other probabilities than the stored model"):
        promote(version, production, target=Swaps(production))
    assert answering(production) == first


def test_files_that_were_changed_after_the_decision_never_load(
    production: Settings, store: Store, first: int
) -> None:
    """Whoever may write to the store must not decide what serves."""
    version = store(tiny_models.classifier)

    class ChangesTheStore(LocalTarget):
        def publish(self, number: int, folder: Path) -> None:
            tiny_models.classifier(folder, number, 0.4)
            super().publish(number, folder)

        def load(self, number: int) -> str:
            assert number != version, "the changed files are loaded"
            return super().load(number)

    told = rf"published files of version {version} have the hash.*Rolled back; in service: {first}"
    with pytest.raises(PromotionFailed, match=told):
        promote(version, production, target=ChangesTheStore(production))
    assert current_version(production) == answering(production) == first


def test_a_rollout_cut_off_in_the_middle_is_finished_by_the_next(
    production: Settings, store: Store, first: int
) -> None:
    version = store(tiny_models.classifier)
    target = LocalTarget(production)
    target.publish(version, ModelStore(production).path(version))
    target.serve(version)  # and the worker is gone before the ledger knew
    result = promote(version, production)
    assert (result.outcome, result.previous_version) == ("promoted", first)
    assert ledger_rows(production)[-1] == ("promote", first, version, "promoted")
    assert answering(production) == version

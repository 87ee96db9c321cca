"""A rollout's steps on a real model server and a real database: verification and undo."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from include.infra.postgres.connection import connect
from include.promotion.errors import PromotionError, PromotionFailed
from include.promotion.rollout.start import start
from include.promotion.targets.local.target import LocalTarget
from include.serving.config import configured
from include.serving.errors import ServingUnavailable
from include.settings import Settings
from tests.support.kubernetes.load import load_on
from tests.support.models import tiny_models
from tests.support.promotion.rollouts import ReadsElsewhere, approved, last_evidence, rollout_of, serving

pytestmark = pytest.mark.stack

Store = Callable[..., int]


def test_calls_for_the_label_are_answered_all_the_while(
    production: Settings, store: Store, first: int
) -> None:
    """Up, back, up and down again; a label never names a version that is not loaded."""
    second = store()
    with load_on(production, 50) as load:
        rollout_of(production, second).run()
        rollout_of(production, first, action="rollback").run()
        with pytest.raises(PromotionFailed, match="answers other probabilities"):
            rollout_of(production, store(), target=Swaps(production)).run()
        rollout_of(production, second).run()
    assert not load.failures
    assert load.answers.keys() == {first, second}
    rollout_of(production, first, action="rollback").run()
    config = configured(production, production.model_name)
    assert config is not None
    assert (config.versions, config.labels) == ((first,), {"stable": first})
    assert serving(production) == first


class Swaps(ReadsElsewhere, LocalTarget):
    """A target whose server reads another model than the stored one."""

    def publish(self, version: int, folder: Path) -> None:
        self.stored = folder
        other = self._published.folder.parent / "other"
        shutil.rmtree(other, ignore_errors=True)
        tiny_models.classifier(other, version, 0.4)
        super().publish(version, other)


class ChangesWhatIsPublished(LocalTarget):
    """A target whose published files somebody changes while they are loaded."""

    def load(self, version: int) -> str:
        waits_for = super().load(version)
        if not waits_for:
            (self.published(version) / "fingerprint.pb").write_bytes(b"changed")
        return waits_for


def test_files_that_are_changed_while_they_are_loaded_end_the_rollout(
    production: Settings, store: Store, first: int
) -> None:
    version = store()
    with pytest.raises(PromotionFailed, match=rf"published files of version {version} have the hash"):
        rollout_of(production, version, target=ChangesWhatIsPublished(production)).run()
    assert serving(production) == first


class Dies(LocalTarget):
    """A target whose server stops answering when the candidate is loaded."""

    candidate: int

    def load(self, version: int) -> str:
        if version == self.candidate:
            raise ServingUnavailable("no answer")
        return super().load(version)


def test_a_server_that_dies_of_it_is_not_waited_for_long(
    production: Settings, store: Store, first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.promotion.rollout.rollout.OUTAGE_SECONDS", 0.5)
    target = Dies(production)
    target.candidate = version = store()
    with pytest.raises(PromotionFailed, match=r"no answer, for \d+ s. Rolled back"):
        rollout_of(production, version, target=target).run()
    assert serving(production) == first


def test_a_slow_one_is_stopped_before_it_gets_traffic(production: Settings, store: Store, first: int) -> None:
    slow = store(delay=600)
    with pytest.raises(PromotionFailed, match="is slow: 95 % of its answers take up to"):
        rollout_of(production, slow).run()
    assert last_evidence(production)["failed_in"] == "loading"
    assert serving(production) == first


def test_judged_against_another_champion(production: Settings, store: Store, first: int) -> None:
    approval = approved(store(), 999)
    with pytest.raises(PromotionError, match=r"approved in place of 999, but .* is in service now"):
        start(approval, production, "x")


def test_posts_are_not_kept_in_the_record(production: Settings, first: int) -> None:
    with connect(production) as connection:
        rows = connection.execute(
            "SELECT probes FROM rollout WHERE step = 'ended' AND model_name = %s", [production.model_name]
        ).fetchall()
    assert rows
    assert all(probes == {} for (probes,) in rows)

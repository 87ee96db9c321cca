from __future__ import annotations

import pytest

from include.settings import Settings
from include.workloads.ai_tweets.workload import WORKLOAD, source_error


def test_one_topic_for_both_settings_is_read_once(settings: Settings) -> None:
    assert WORKLOAD.topics(settings) == (settings.ai_topic, settings.mix_topic)
    same = settings.model_copy(update={"mix_topic": settings.ai_topic})
    assert WORKLOAD.topics(same) == (settings.ai_topic,)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b'{"disconnect": {"reason": "gone"}}', "disconnect: gone"),
        (b'{"text": "a post"}', None),
        (b"[]", None),
        (b'{"status": NaN}', "an error in broken JSON"),
    ],
)
def test_what_the_source_reports(raw: bytes, told: str | None) -> None:
    assert source_error(raw) == told

from __future__ import annotations

import pyarrow as pa
import pytest

from include.settings import Settings
from include.streaming.decoding import SOURCE_ERROR
from include.workloads.ai_tweets.decoder import decode
from include.workloads.ai_tweets.samples import samples
from include.workloads.ai_tweets.workload import WORKLOAD, source_error


def test_one_topic_for_both_settings_is_read_once(settings: Settings) -> None:
    assert WORKLOAD.topics(settings) == (settings.ai_topic, settings.mix_topic)
    same = settings.model_copy(update={"mix_topic": settings.ai_topic})
    assert WORKLOAD.topics(same) == (settings.ai_topic,)


def test_the_decoder_refuses_what_the_source_reports_for_the_monitor_to_find() -> None:
    message = pa.array([samples().source_error("disk full")])  # type: ignore[misc]
    assert decode(message).refused == {0: SOURCE_ERROR}
    assert source_error(message[0].as_py()) == "disk full"


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b'{"disconnect": {"reason": "gone"}}', "disconnect: gone"),
        (b'{"text": "a post"}', None),
        (b"[]", None),
        (b'{"status": NaN}', "an error in broken JSON"),
        (b'{"disconnect": {"reason": "gone \\ud83d"}}', "disconnect: gone ?"),
        (b'\xef\xbb\xbf{"disconnect": {"reason": "gone"}}', "disconnect: gone"),
    ],
)
def test_what_the_source_reports(raw: bytes, told: str | None) -> None:
    assert source_error(raw) == told

from __future__ import annotations

from include.streaming.engine.messages import pass_over
from tests.support.streaming.messages import batch


def test_messages_before_the_committed_positions_are_passed_over() -> None:
    messages = batch([b"x"] * 5)
    assert pass_over(messages, {"a": {0: 12}, "b": {0: 99}}).column("offset").to_pylist() == [12, 13, 14]
    assert pass_over(messages, {"a": {1: 99}}).num_rows == 5
    assert pass_over(messages, {}).num_rows == 5

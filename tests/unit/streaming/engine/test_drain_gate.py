from __future__ import annotations

import threading

import pytest

from include.streaming.engine.drain_gate import Draining, Gate


def test_a_drain_waits_for_the_batch_inside_and_lets_no_other_in() -> None:
    gate, entered, finish = Gate(), threading.Event(), threading.Event()

    def work() -> None:
        with gate.batch():
            entered.set()
            finish.wait(5)

    worker = threading.Thread(target=work)
    worker.start()
    assert entered.wait(5)
    assert gate.busy_seconds() > 0
    assert not gate.close(0.05)
    finish.set()
    assert gate.close(5)
    worker.join(5)
    assert gate.busy_seconds() == 0
    assert gate.closed
    with pytest.raises(Draining), gate.batch():
        pass

from __future__ import annotations

import threading

import pytest

from include.streaming.engine.batch_lock import BatchLock, Draining


def test_a_drain_waits_for_the_batch_at_work_and_refuses_the_next() -> None:
    lock, entered, finish = BatchLock(), threading.Event(), threading.Event()

    def work() -> None:
        with lock.held():
            entered.set()
            finish.wait(5)

    worker = threading.Thread(target=work)
    worker.start()
    assert entered.wait(5)
    assert lock.busy_seconds() > 0
    assert not lock.close(0.05)
    finish.set()
    assert lock.close(5)
    worker.join(5)
    assert lock.busy_seconds() == 0
    assert lock.closed
    with pytest.raises(Draining), lock.held():
        pass

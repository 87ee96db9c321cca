from __future__ import annotations

import threading

import pytest

from include.streaming.engine.committer import Committer


def test_a_commit_runs_beside_its_caller_and_the_next_waits_for_it() -> None:
    committer, go, done = Committer(), threading.Event(), list[int]()

    def commit() -> None:
        go.wait(10)
        done.append(1)

    committer.begin(commit)
    assert committer.problem() is None
    second = threading.Thread(target=lambda: committer.begin(lambda: done.append(2)))
    second.start()
    second.join(0.05)
    assert second.is_alive()
    assert not done
    go.set()
    second.join(10)
    assert committer.settled(10)
    assert committer.problem() is None
    assert done == [1, 2]


def test_after_a_commit_that_failed_no_other_begins() -> None:
    committer, done = Committer(), list[int]()

    def fail() -> None:
        raise ConnectionError("the database is gone")

    committer.begin(fail)
    assert committer.settled(10)
    assert isinstance(committer.problem(), ConnectionError)
    with pytest.raises(ConnectionError):
        committer.begin(lambda: done.append(1))
    assert not done


def test_waiting_for_a_commit_that_never_ends_has_an_end() -> None:
    committer, never = Committer(), threading.Event()

    def commit() -> None:
        never.wait()

    committer.begin(commit)
    committer.close()
    assert not committer.settled(0.05)
    assert committer.problem() is None
    never.set()
    assert committer.settled(10)

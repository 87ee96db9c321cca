from __future__ import annotations

import threading

import pytest

from include.streaming.committer import Committer


def test_a_commit_runs_beside_its_caller_and_the_next_waits_for_it() -> None:
    committer, go, done = Committer(), threading.Event(), list[int]()
    committer.begin(lambda: (go.wait(10), done.append(1))[-1])
    assert committer.problem() is None
    second = threading.Thread(target=lambda: committer.begin(lambda: done.append(2)))
    second.start()
    second.join(0.05)
    assert second.is_alive()
    assert not done
    go.set()
    second.join(10)
    assert committer.close(10) is None
    assert done == [1, 2]


def test_after_a_commit_that_failed_no_other_begins() -> None:
    committer, done = Committer(), list[int]()

    def fail() -> None:
        raise ConnectionError("the database is gone")

    committer.begin(fail)
    with pytest.raises(ConnectionError):
        committer.begin(lambda: done.append(1))
    assert isinstance(committer.problem(), ConnectionError)
    assert isinstance(committer.close(10), ConnectionError)
    assert not done


def test_closing_does_not_wait_for_a_commit_that_never_ends() -> None:
    committer = Committer()
    never = threading.Event()
    committer.begin(lambda: never.wait() and None)
    assert isinstance(committer.close(0.05), TimeoutError)
    never.set()

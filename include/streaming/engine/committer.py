"""Commits of batches beside the tasks of the next one: a commit keeps one core of the database's busy."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from queue import SimpleQueue

Commit = Callable[[], None]


class Committer:
    """One commit at a time, in the order of the batches; after one that failed there is none.

    Spark counts a batch as done while its commit is under way, so its checkpoint may be one batch ahead of
    the sink when the driver dies. :func:`include.streaming.state.checkpoint.reconcile` puts such a one aside.
    """

    def __init__(self) -> None:
        self._work: SimpleQueue[tuple[Future[None], Commit] | None] = SimpleQueue()
        self._last: Future[None] = Future()
        self._last.set_result(None)
        # A daemon: a database that never answers must not keep the process from ending.
        threading.Thread(target=self._run, name="commit", daemon=True).start()

    def begin(self, commit: Commit) -> None:
        """Begin a commit once the one before is done.

        Raises:
            Exception: whatever stopped the one before; this one is not begun.
        """
        self._last.result()
        self._last = Future()
        self._work.put((self._last, commit))

    def problem(self) -> BaseException | None:
        """What stopped the latest commit; None where it is done or still under way."""
        return self._last.exception() if self._last.done() else None

    def settled(self, timeout: float) -> bool:
        """Whether nothing is under way, after ``timeout`` seconds at most."""
        return bool(wait([self._last], timeout).done)

    def close(self) -> None:
        """Take no more. Waits for nothing."""
        self._work.put(None)

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            done, commit = work
            try:
                commit()
            except BaseException as problem:  # noqa: BLE001 - it is raised where the result is asked for
                done.set_exception(problem)
            else:
                done.set_result(None)

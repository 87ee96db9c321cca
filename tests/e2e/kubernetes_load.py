"""Calls to the model server all the time, and what came of them."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

BODY = {"inputs": {"text": ["all about ai", "all about tea"]}}
CLOSED = ("RemoteProtocolError: Server disconnected without", "ReadError", "WriteError")
"""How httpx says that a kept connection was closed before an answer began."""


@dataclass
class Load:
    """Answers by model version; failures by what they were."""

    answers: Counter[int] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    asked_again: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        return sum(self.answers.values()) / self.seconds


@contextmanager
def load_on(url: str, rate: float, threads: int = 16) -> Iterator[Load]:
    """Ask for the label ``stable`` at ``rate`` requests a second until the block ends.

    Half of the threads open a connection for each request and never ask twice. The others keep theirs;
    where a server that ends closes one just as a request is sent, they ask once more, as every HTTP/1.1
    client has to.
    """
    load, stop, lock = Load(), threading.Event(), threading.Lock()
    began = time.monotonic()

    def run(keep: bool) -> None:
        client = httpx.Client(base_url=url, timeout=10, trust_env=False)
        due = time.monotonic()
        while not stop.is_set():
            due = max(due + threads / rate, time.monotonic() - 1)  # a lag is made up for, within a second
            stop.wait(max(0.0, due - time.monotonic()))
            found, failure = _ask(client, keep)
            again = keep and failure.startswith(CLOSED)
            if again:
                found, failure = _ask(client, keep)
            with lock:
                load.asked_again += again
                if found is None:
                    load.failures[failure] += 1
                else:
                    load.answers[found] += 1
        client.close()

    workers = [threading.Thread(target=run, args=(number % 2 == 0,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    try:
        yield load
    finally:
        stop.set()
        for worker in workers:
            worker.join()
        load.seconds = time.monotonic() - began


def _ask(client: httpx.Client, keep: bool) -> tuple[int | None, str]:
    headers = {} if keep else {"Connection": "close"}
    try:
        response = client.post("/v1/models/naive_text_clf/labels/stable:predict", json=BODY, headers=headers)
    except httpx.HTTPError as error:
        return None, f"{type(error).__name__}: {error}"
    if response.status_code != 200:
        return None, f"{response.status_code}: {response.text[:200]}"
    (version,) = set(response.json()["outputs"]["model_version"])
    return version, ""

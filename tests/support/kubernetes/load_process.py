"""Calls to the model server until stdin is closed.

``python -m tests.support.kubernetes.load_process URL RATE``

No request is ever sent twice. Half of the threads open a connection for each request; the others keep theirs.
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import threading
import time
from collections.abc import Callable
from itertools import count
from urllib.parse import urlsplit

from include.serving.canary_window import CanaryWindow, open_canary
from include.settings import get_settings
from include.streaming.traffic_shares import share_of

BODY = json.dumps({"inputs": {"text": ["all about ai"]}})
TIMEOUT = 10
Answer = tuple[int | None, str]


def ask(connection: http.client.HTTPConnection, path: str, keep: bool) -> Answer:
    """The version that answered, else None and what was wrong."""
    headers = {"Content-Type": "application/json"} | ({} if keep else {"Connection": "close"})
    try:
        connection.request("POST", path, BODY, headers)
        response = connection.getresponse()
        content = response.read()
    except (OSError, http.client.HTTPException) as error:
        connection.close()
        kept = "a kept" if keep else "a new"
        return None, f"{type(error).__name__} on {kept} connection: {error}"
    if response.status != 200:
        return None, f"{response.status}: {content[:200].decode(errors='replace')}"
    outputs = json.loads(content)["outputs"]
    if not (len(outputs["ai_prob"]) == 1 and 0 <= outputs["ai_prob"][0] <= 1):
        return None, f"no probability: {content[:200].decode(errors='replace')}"
    return int(outputs["model_version"][0]), ""


def run(url: str, paths: Callable[[], str], rate: float, threads: int, stop: threading.Event) -> list[tuple]:
    """``rate`` requests per second until told to stop; (sent, answered, version, failure) of each."""
    place, found = urlsplit(url), list[tuple]()

    def work(number: int) -> None:
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=TIMEOUT)
        due = time.monotonic() + number / rate
        while not stop.wait(max(0.0, due - time.monotonic())):
            due = max(due + threads / rate, time.monotonic() - 1)  # at most a second of delay is caught up
            sent = time.time()
            version, failure = ask(connection, paths(), keep=number % 2 == 0)
            found.append((sent, time.time(), version, failure))
        connection.close()

    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return found


class Split:
    """Paths by post id, as the stream splits its posts, following the open canary."""

    def __init__(self, stop: threading.Event) -> None:
        self._settings, self._ids = get_settings(), count()
        self._window: CanaryWindow | None = None
        threading.Thread(target=self._follow, args=(stop,), daemon=True).start()

    def _follow(self, stop: threading.Event) -> None:
        while not stop.wait(0.2):
            self._window = open_canary(self._settings)

    def __call__(self) -> str:
        window = self._window
        if window and share_of(str(next(self._ids)), (window.share, 1 - window.share)) == 0:
            return f"/v1/models/{self._settings.model_name}/versions/{window.version}:predict"
        return f"/v1/models/{self._settings.model_name}/labels/stable:predict"


def stop_at_end_of_input(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("rate", type=float)
    parser.add_argument("--threads", type=int, default=16)
    arguments = parser.parse_args()
    stop = threading.Event()
    threading.Thread(target=stop_at_end_of_input, args=(stop,), daemon=True).start()
    paths = Split(stop)
    print("started", flush=True)
    json.dump(run(arguments.url, paths, arguments.rate, arguments.threads, stop), sys.stdout)


if __name__ == "__main__":
    main()

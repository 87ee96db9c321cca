"""The local model server as a child that ends with its parent, however that ends.

python -m include.promotion.scoring.server_process <arguments of include.serving.local_server.server>
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

from include.serving.local_server.server import main


def end_with_parent(poll_seconds: float = 1.0) -> None:
    """Ask this process to end when its parent has: a worker that was killed can't stop its children.

    Comparing the parent's pid notices a parent that is dead but not reaped; waiting for its end does not.
    """
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(poll_seconds)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()


if __name__ == "__main__":
    end_with_parent()
    sys.exit(main())

"""What a Python process that runs tasks for a long time needs."""

from __future__ import annotations

import gc


def spare_the_collector() -> None:
    """Take what is loaded out of the sight of Python's collector of cycles, and let it look rarely.

    PySpark has it look through everything after each task: 0.1 to 0.4 s with TensorFlow and pandas
    loaded, most of the cost of a small batch. A batch makes many objects and no cycle.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 50)

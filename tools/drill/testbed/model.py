"""The small model that a workload's samples put into service."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping

from include.settings import PROJECT_ROOT
from include.streaming.samples import Samples


def put_into_service(samples: Samples, version: int, environment: Mapping[str, str]) -> None:
    """Put the samples' model into service as ``version``, where they have one.

    It is made in another process, so that TensorFlow is not loaded into this one.

    Raises:
        RuntimeError: the model could not be made; with the end of the error output.
    """
    if samples.model is None:
        return
    done = subprocess.run(
        [sys.executable, "-m", samples.model, str(version)],
        cwd=PROJECT_ROOT, env=dict(environment), check=False, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"the sample model could not be made:\n{done.stderr[-4000:]}")

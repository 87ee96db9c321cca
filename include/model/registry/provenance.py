"""What a figure was made with: versions of packages, and a hash of the rows that were learned from."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version as installed

import numpy as np


def environment() -> dict[str, str]:
    """Versions of Python and of the packages that figures depend on."""
    names = ("tensorflow-cpu", "keras", "numpy", "scipy", "scikit-learn")
    return {"python": platform.python_version(), **{name: installed(name) for name in names}}


def data_hash(hashes: Sequence[str], probabilities: np.ndarray) -> str:
    """A hash of the posts and labels that were learned from."""
    digest = hashlib.sha256()
    for text_hash, probability in zip(hashes, probabilities, strict=True):
        digest.update(f"{text_hash} {probability:.9f}\n".encode())
    return digest.hexdigest()


@contextmanager
def quiet_stdout() -> Iterator[None]:
    """Send what libraries print, from Python or from C, to standard error."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)

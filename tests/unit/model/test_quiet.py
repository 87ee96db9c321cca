"""Loading TensorFlow writes nothing to standard error: a task's log would show it as errors."""

from __future__ import annotations

import subprocess
import sys

import pytest

from include.settings import PROJECT_ROOT

pytestmark = pytest.mark.learning


def test_loading_and_using_tensorflow_says_nothing() -> None:
    program = "import include, tensorflow as tf; assert float(tf.reduce_sum(tf.ones([3]))) == 3"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=300
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

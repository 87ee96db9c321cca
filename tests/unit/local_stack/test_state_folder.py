"""Paths of the state folder that every program understands, and those that one would not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from include.infra.errors import StackError
from include.local_stack.state_folder import require_usable


@pytest.mark.parametrize(
    "path",
    ["/home/jürgen", "/a b", "/it's", '/"so"', "/a #b", "/a;b", "/a\\nb", "/a:b", "/100%", "/日本 🤖", "/a$"],
)
def test_these_are_no_trouble(path: str) -> None:
    require_usable(Path(path))


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/a\nb", "line break"),
        ("/a\rb", "line break"),
        ("/a\x1bb", "control character"),
        ("/a,b", "comma"),
        (os.fsdecode(b"/j\xfcrgen"), "no UTF-8"),
        ("/a/$HOME/b", "environment variable"),
        ("/a/${HOME}b", "environment variable"),
    ],
)
def test_these_are_refused_with_the_setting(path: str, why: str) -> None:
    with pytest.raises(StackError, match=rf"{why}.*TWEETSIEVE_STATE_DIR"):
        require_usable(Path(path))

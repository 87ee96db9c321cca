"""The sources by name."""

from __future__ import annotations

import os

from include.settings import Settings
from include.sources.interface.source import Source, SourceError

KINDS = ("synthetic", "dump", "x", "replay")
DEFAULT_POSTS = 50_000


def make_source(
    kind: str,
    settings: Settings,
    *,
    path: str | os.PathLike[str] | None = None,
    posts: int | None = None,
    seed: int = 0,
    version: int | None = None,
) -> Source:
    """The source of a kind.

    Args:
        path: file, folder or URL; ``dump`` needs it.
        posts: how many ``synthetic`` generates; default 50,000.
        seed: of ``synthetic``; a version's number is added, so that versions differ.

    Raises:
        SourceError: an unknown kind, a dump without a path or a path without a dump, X without a token.
    """
    if kind in KINDS and kind != "dump" and path is not None:
        raise SourceError(
            f"path {str(path)!r} is for source dump, and the source is {kind}: "
            "choose dump, or leave path empty"
        )
    if kind == "synthetic":
        from include.sources.synthetic.source import SyntheticSource

        return SyntheticSource(settings, posts=posts or DEFAULT_POSTS, seed=seed + (version or 0))
    if kind == "dump":
        from include.sources.dump.source import DumpSource

        if path is None or not str(path).strip():
            raise SourceError("source dump needs a path: the file or folder to read")
        return DumpSource(settings, path)
    if kind in ("x", "replay"):
        from include.sources.x.stream import XSource

        return XSource.replay(settings) if kind == "replay" else XSource.live_x(settings)
    raise SourceError(f"source {kind!r} is none of {', '.join(KINDS)}")

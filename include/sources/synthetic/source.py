"""The synthetic source: seeded, plausible posts, half for each topic, with their true labels kept separate.

``python -m include.sources.synthetic.source --posts 5000 --seed 1 --out posts.jsonl.gz --truth truth.jsonl``
"""

from __future__ import annotations

import gzip
import random
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import orjson

from include.console.arguments import CommandParser, whole_number
from include.console.command import command
from include.lexicon.keywords import is_ai_text
from include.settings import Settings, get_settings
from include.sources.interface.source import RawPost
from include.sources.synthetic.author import GeneratedPost, write
from include.sources.synthetic.payloads import v1_payload, v2_payload

GENERATION = 1
"""Incremented when the same seed yields other posts, so that a version's fingerprint changes too."""


class SyntheticSource:
    """``posts`` posts of a seed, half of them with an AI keyword, as X's rules would deliver them.

    With ``posts=None`` it never ends.
    """

    kind = "synthetic"
    live = False

    def __init__(self, settings: Settings, *, posts: int | None = 50_000, seed: int = 0) -> None:
        self._topics = {True: settings.ai_topic, False: settings.mix_topic}
        self._posts = posts
        self._seed = seed

    def posts(self) -> Iterator[RawPost]:
        for topic, written, value in self._published():
            yield RawPost(topic, written.draft.id.encode(), value)

    def truth(self) -> Iterator[tuple[str, int]]:
        """Id and label (1: on AI) of each post, in the order of :meth:`posts`."""
        for _, written, _ in self._published():
            yield written.draft.id, written.label

    def written(self) -> Iterator[GeneratedPost]:
        """The posts with their true label and subject, for tests and measurements."""
        for _, written, _ in self._published():
            yield written

    def fingerprint(self) -> str:
        return f"synthetic:{GENERATION}:{self._seed}:{self._posts}"

    def parameters(self) -> dict[str, Any]:
        return {"posts": self._posts, "seed": self._seed}

    def _published(self) -> Iterator[tuple[str, GeneratedPost, bytes]]:
        """The posts that match the rules, up to each topic's quota."""
        left = _quotas(self._posts)
        forms = random.Random(f"forms:{self._seed}")
        for written in write(self._seed):
            payload = (v2_payload if forms.random() < 0.6 else v1_payload)(written.draft, written.retweeted)
            is_ai = is_ai_text((written.retweeted or written.draft).text)
            if left is not None:
                if not any(left.values()):
                    return
                if not left[is_ai]:
                    continue
                left[is_ai] -= 1
            yield self._topics[is_ai], written, orjson.dumps(payload)


def _quotas(posts: int | None) -> dict[bool, int] | None:
    return None if posts is None else {True: posts // 2, False: posts - posts // 2}


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """Write posts and their true labels to files; those named .gz are compressed."""
    parser = CommandParser("include.sources.synthetic.source", __doc__)
    parser.add_argument("--posts", type=whole_number(1), default=5_000, help="how many; 5,000 by default")
    parser.add_argument("--seed", type=whole_number(0), default=0, help="0 by default")
    parser.add_argument("--out", type=Path, required=True, help="JSONL of X API v1.1 and v2 payloads")
    parser.add_argument("--truth", type=Path, help="JSONL of id_str, label, text")
    options = parser.parse_args(arguments)
    source = SyntheticSource(get_settings(), posts=options.posts, seed=options.seed)
    with ExitStack() as stack:
        out = stack.enter_context(_open(options.out))
        truth = stack.enter_context(_open(options.truth)) if options.truth else None
        for _, written, value in source._published():
            out.write(value + b"\n")
            if truth:
                row = {"id_str": written.draft.id, "label": written.label, "text": written.draft.text}
                truth.write(orjson.dumps(row) + b"\n")
    return 0


def _open(path: Path) -> IO[bytes]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return gzip.open(path, "wb") if path.suffix == ".gz" else path.open("wb")  # type: ignore[return-value]


if __name__ == "__main__":
    sys.exit(main())

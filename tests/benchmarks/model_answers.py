"""What an answer of a stored model costs: microseconds of CPU per post, on one thread.

    python -m tests.benchmarks.model_answers --posts posts.jsonl.gz [--model 3] [--batch 4096]

The posts are rows of ``id_str`` and ``text``. The best of several rounds counts, since others on the machine
only ever make a round slower.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from include.console.arguments import CommandParser, whole_number
from include.console.command import command
from include.infra.input_files.argument import existing_file
from include.model.registry.store import ModelStore
from include.settings import get_settings

POSTS = 3 * 4096
ROUNDS = 7


def cost(folder: Path, texts: list[str], batch: int) -> float:
    """Microseconds of this process's CPU time per post."""
    import tensorflow as tf

    serve = tf.saved_model.load(str(folder)).signatures["serving_default"]
    parts = [
        tf.constant([text.encode() for text in texts[i : i + batch]]) for i in range(0, len(texts), batch)
    ]
    rounds = []
    for _ in range(ROUNDS + 1):
        began = time.process_time()
        for part in parts:
            serve(text=part)
        rounds.append(time.process_time() - began)
    return min(rounds[1:]) / len(texts) * 1e6


@command
def main(argv: Sequence[str] | None = None) -> int:
    parser = CommandParser("tests.benchmarks.model_answers", __doc__)
    add = parser.add_argument
    add("--posts", type=existing_file, required=True, help="JSONL with a text in each row, .gz or not")
    add("--model", type=whole_number(1), help="model version; default: the latest one")
    add("--batch", type=whole_number(1), default=4096, help="posts at once; 4,096 by default")
    given = parser.parse_args(argv)
    posts = Path(given.posts)
    import tensorflow as tf  # seconds; pytest imports this module as well

    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    store = ModelStore(get_settings())
    number = store.latest() if given.model is None else given.model
    with (gzip.open if posts.suffix == ".gz" else open)(posts, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line, _ in zip(lines, range(POSTS), strict=False)]
    found = {"model": number, "batch": given.batch, "posts": len(texts)}
    print(json.dumps({**found, "cpu_us_per_post": round(cost(store.path(number), texts, given.batch), 2)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""How fast the labelling functions vote, beside snorkel's PandasLFApplier on the same functions.

python -m tests.benchmarks.votes [POSTS]

Posts are made up out of words that the functions know, of the length that posts have. Both ways get the same
posts and must give the same votes. Snorkel is measured twice: with functions as a user of snorkel writes
them, each reading the text, and with the reading shared by a memoised preprocessor.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd

from include.console.arguments import CommandParser, whole_number
from include.console.command import command
from include.labelling.functions import LABELLING_FUNCTIONS
from include.labelling.votes import snorkel_functions, votes
from include.lexicon.labels import AI, NOT_AI
from include.lexicon.text_features import features

WORDS = """
AI machine learning #DataScience love data mobile data #ai 100 ml game bitcoin NLP CV the network is a neural
network big deal #BigData https://t.co/x @user Ünïcode 深い学習 🤖 RT ai que job course paper #VR lockdown of
the town today extended for hiring scientists and friends robot vacuum airdrop giveaway morning deep free
"""
ROUNDS = 3


def made_up(count: int, seed: int = 20200405) -> list[str]:
    """So many posts of 8 to 30 words, all different."""
    draw, words = random.Random(seed), WORDS.split()
    return [" ".join(draw.choices(words, k=draw.randint(8, 30))) + f" {place}" for place in range(count)]


def memoised() -> list:
    """The same functions as snorkel's, one memoised preprocessor reading each text once."""
    from snorkel.labeling import LabelingFunction
    from snorkel.preprocess import preprocessor

    @preprocessor(memoize=True)
    def reading(row: pd.Series) -> pd.Series:
        row.reading = features(row.text)
        return row

    def judged(function):
        return lambda row: function.vote(row.reading)

    return [LabelingFunction(one.name, judged(one), pre=[reading]) for one in LABELLING_FUNCTIONS]


def best_of(way: Callable[[], np.ndarray], rounds: int) -> tuple[np.ndarray, float]:
    """The votes, and the seconds of the fastest round."""
    took = []
    for _ in range(rounds):
        start = time.perf_counter()
        found = way()
        took.append(time.perf_counter() - start)
    return found, min(took)


@command
def main(argv: Sequence[str] | None = None) -> int:
    parser = CommandParser("tests.benchmarks.votes", __doc__)
    parser.add_argument(
        "posts", type=whole_number(1), nargs="?", default=2_000, help="how many; 2,000 by default"
    )
    count = parser.parse_args(argv).posts
    from snorkel.labeling import PandasLFApplier

    texts = made_up(count)
    frame = pd.DataFrame({"text": texts})
    votes(texts[:200])  # patterns are compiled at first use
    ours, seconds = best_of(lambda: votes(texts), ROUNDS)
    print(f"{len(LABELLING_FUNCTIONS)} functions, {count} posts; {(ours == AI).sum()} votes for, ", end="")
    print(f"{(ours == NOT_AI).sum()} against")
    print(f"include.labelling.votes.votes: {count / seconds:,.0f} posts/s")
    ways = {"snorkel PandasLFApplier": snorkel_functions(), "the same, text read once": memoised()}
    for name, functions in ways.items():
        applier = PandasLFApplier(functions)
        theirs, slow = best_of(partial(applier.apply, frame, progress_bar=False), 1)
        equal = "equal" if np.array_equal(ours, theirs) else "DIFFERENT"
        print(
            f"{name}: {count / slow:,.0f} posts/s, votes {equal}; ours is {slow / seconds:.1f} times faster"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())

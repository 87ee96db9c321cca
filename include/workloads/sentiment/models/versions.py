"""The two versions of VADER, and the name of each that is kept with a score."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version as installed
from pathlib import Path

from include.workloads.sentiment.base.settings import Version

OUTPUTS = ("compound", "neg", "neu", "pos")
"""What both answer for a text: compound from -1 to 1, the others parts of 1."""
PACKAGES: Mapping[Version, str] = {"a": "nltk", "b": "vaderSentiment"}
NLTK_DATA = Path(__file__).parent / "nltk_data"
LEXICON = "sentiment/vader_lexicon/vader_lexicon.txt"
"""NLTK's lexicon, in this repository: otherwise it would have to be downloaded."""

Score = Callable[[str], Mapping[str, float]]
"""A text's OUTPUTS, by name."""


def version_name(version: Version) -> str:
    """The package with its version.

    >>> version_name("b")
    'vaderSentiment-3.3.2'
    """
    return f"{PACKAGES[version]}-{installed(PACKAGES[version])}"


@cache
def model(version: Version) -> Score:
    """The model, loaded once per process; nothing is downloaded."""
    return _nltk() if version == "a" else _vader_sentiment()


def _nltk() -> Score:
    with _hidden("sklearn", "scipy"):
        import nltk.data
        from nltk.sentiment.vader import SentimentIntensityAnalyzer

    if str(NLTK_DATA) not in nltk.data.path:  # NLTK opens no file elsewhere
        nltk.data.path.insert(0, str(NLTK_DATA))
    return SentimentIntensityAnalyzer(LEXICON).polarity_scores


@contextmanager
def _hidden(*packages: str) -> Iterator[None]:
    """Import as if these packages were not installed.

    NLTK works without them, and loads them where they are: nine tenths of the time that it takes to load, for
    parts that VADER has nothing to do with.
    """
    before = {name: sys.modules.get(name) for name in packages}
    sys.modules.update(dict.fromkeys(packages))  # type: ignore[arg-type]  # None: an import fails
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def _vader_sentiment() -> Score:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer().polarity_scores

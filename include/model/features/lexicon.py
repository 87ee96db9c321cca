"""The labelling functions' lists of words, as columns for the graph.

A model trained on the votes of labelling functions can only learn as much of them as its inputs show. Word
weights cover the phrases of the training posts; the functions use lists, most of whose phrases occur in no
training post. So the network's inputs are the lists themselves: which of them a post matches.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from include.lexicon.contexts import CONTEXT
from include.lexicon.function_words import CHATTER, FOREIGN
from include.lexicon.subjects import ACRONYM_TAGS, SUBJECT_TAG_STEMS, SUBJECTS
from include.lexicon.text_features import features
from include.text.letters import plain
from include.text.words import hashtags

LONGEST = 5
"""Words of the longest phrase."""

SAID = tuple(f"said: {name}" for name in sorted(SUBJECTS))
TAGGED = tuple(
    f"tagged: {name}"
    for name in sorted({*SUBJECTS, *SUBJECT_TAG_STEMS.values(), *ACRONYM_TAGS.values(), "ai"})
)
SETTING = tuple(f"setting: {name}" for name in sorted({*CONTEXT, "unit"}))
COUNTED = ("talk", "another language")
COLUMNS = (*SAID, *TAGGED, *SETTING, *COUNTED)
"""What a phrase or a hashtag can belong to. For the last two, the words are counted."""

_PLACE = {name: place for place, name in enumerate(COLUMNS)}


@dataclass(frozen=True)
class Lexicon:
    """Phrases of running text (words separated by one space) and hashtags, each with its columns."""

    phrases: dict[str, frozenset[int]]
    tags: dict[str, frozenset[int]]

    @classmethod
    def learn(cls, texts: Sequence[str]) -> Lexicon:
        """All lists, and the hashtags of these texts as the labelling functions read them.

        >>> lexicon = Lexicon.learn(["new #MachineLearningJobs"])
        >>> [COLUMNS[place] for place in sorted(lexicon.tags["machinelearningjobs"])]
        ['tagged: machine learning']
        """
        phrases = _phrases()
        seen = (tag for text in texts for tag in hashtags(plain(text)))
        return cls(phrases, _tags([*SUBJECT_TAG_STEMS, *ACRONYM_TAGS, *_glued(phrases), *seen]))


def _phrases() -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for lists, kind in ((SUBJECTS, "said"), (CONTEXT, "setting")):
        for name, phrases in lists.items():
            for phrase in phrases:
                for form in (phrase, phrase.replace(" ", "")):
                    found.setdefault(form, set()).add(_PLACE[f"{kind}: {name}"])
    for words, name in ((CHATTER, "talk"), (FOREIGN, "another language")):
        for word in words:
            found.setdefault(word, set()).add(_PLACE[name])
    return {phrase: frozenset(places) for phrase, places in found.items() if len(phrase.split()) <= LONGEST}


def _glued(phrases: Iterable[str]) -> list[str]:
    return [phrase for phrase in phrases if phrase.isalnum()]


def _tags(tags: Iterable[str]) -> dict[str, frozenset[int]]:
    """Lower-case hashtags -> columns; hashtags without any are left out."""
    found: dict[str, set[int]] = {}
    for tag in dict.fromkeys(tags):
        post = features(f"#{tag}")
        names = [f"tagged: {name}" for name in post.tagged] + [f"setting: {name}" for name in post.context]
        found.setdefault(tag.casefold(), set()).update(_PLACE[name] for name in names if name in _PLACE)
    return {tag: frozenset(places) for tag, places in found.items() if places}

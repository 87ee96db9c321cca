"""The features of a post, computed once for all labelling functions: words, hashtags, matched phrases."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from include.lexicon.contexts import CONTEXT
from include.lexicon.function_words import CREDITS, JOINING
from include.lexicon.subjects import ACRONYM_TAGS, SUBJECT_TAG_STEMS, SUBJECTS
from include.text.characters import WORD
from include.text.letters import plain
from include.text.words import TAG

_TOKEN = re.compile(
    rf"(?P<link>https?://\S+|www\.\S+)|@(?P<handle>{WORD})|{TAG}|(?P<word>{WORD})|(?P<line>\n)"
)
_DOTTED = re.compile(r"\bA\.\s?I\b\.?")
_CAMEL_ACRONYM = re.compile(r"(AI|ML)(?:[A-Z][a-z]|[a-z]{3})|[A-Z][a-z]+(AI)$")
_UNIT = re.compile(r"\d\s?(?:ml|dl)\b", re.IGNORECASE)
_FLIGHT = re.compile(r"\bAI[- ]?\d{3,4}\b")


_LONGEST = 5


def _index(lists: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Phrase -> the names of the lists with it; each phrase is also entered as one word."""
    found: dict[str, tuple[str, ...]] = {}
    for name, phrases in lists.items():
        for phrase in phrases:
            for form in {phrase, phrase.replace(" ", "")}:
                found[form] = (*found.get(form, ()), name)
    return found


_SUBJECT_INDEX = _index(SUBJECTS)
_CONTEXT_INDEX = _index(CONTEXT)
_FIRST_WORDS = frozenset(phrase.split(" ")[0] for phrase in (*_SUBJECT_INDEX, *_CONTEXT_INDEX))


@dataclass(frozen=True, slots=True)
class TextFeatures:
    """What the labelling functions use of a post.

    words: running text in lower case, with the hashtags that are part of a sentence.
    tags: all hashtags in lower case, in order, each once.
    spoken: subjects in running text; tagged: subjects in hashtags; context: names of the other lists matched.
    """

    text: str
    words: tuple[str, ...]
    tags: tuple[str, ...]
    spoken: frozenset[str]
    tagged: frozenset[str]
    context: frozenset[str]
    acronyms: frozenset[str]
    links: int
    is_reply: bool

    @property
    def subjects(self) -> frozenset[str]:
        """Unambiguous AI or data subjects, in running text or in hashtags."""
        return frozenset(s for s in self.spoken | self.tagged if not s.startswith("loose") and s != "ai")

    @property
    def tagged_subjects(self) -> frozenset[str]:
        """Subjects in the hashtags, including ``#AI`` itself."""
        return frozenset(s for s in self.tagged if not s.startswith("loose"))

    @property
    def says_ai(self) -> bool:
        """Whether 'AI' is in a sentence, as an acronym in capitals or as a hashtag."""
        return "AI" in self.acronyms

    @property
    def in_passing(self) -> bool:
        """Whether 'AI' is only mentioned: no other subject, hashtag, link, technology or action of AI."""
        beside = {"action of ai", "technology", "reading"} & self.context
        return self.says_ai and not (self.subjects or self.tags or self.links or beside)

    @property
    def mentions_ai(self) -> bool:
        """Whether there is any AI or data keyword in the post (the guideline's first filter)."""
        return bool(self.subjects or self.tagged_subjects or self.acronyms)


def features(text: str) -> TextFeatures:
    """The features of a post's text.
    >>> post = features("How #AI and Machine Learning help banks https://t.co/x #ML #FinTech")
    >>> sorted(post.spoken), sorted(post.tagged), post.says_ai
    (['ai', 'machine learning'], ['ai', 'machine learning'], True)
    """
    text = _DOTTED.sub("AI", plain(text))
    tokens = [(match.lastgroup or "", match.group(match.lastgroup or 0)) for match in _TOKEN.finditer(text)]
    spoken_words = _spoken(tokens)
    tags = tuple(dict.fromkeys(value for kind, value in tokens if kind == "tag"))
    words = tuple(word.casefold() for word in spoken_words)
    spoken, context = _phrases(words)
    acronyms = {word for word in spoken_words if word in ("AI", "ML", "NLP", "AIs")}
    tagged: set[str] = set()
    for tag in tags:
        subjects, others = _tag(tag)
        tagged |= subjects
        context |= others
    if "AIs" in acronyms or ("ai" in tagged and "ai" in words):
        acronyms.add("AI")
    if "AI" in acronyms:
        spoken.add("ai")
    if _UNIT.search(text):
        context.add("unit")
    if _FLIGHT.search(text):
        context.add("ai elsewhere")
    return TextFeatures(
        text=text,
        words=words,
        tags=tuple(dict.fromkeys(tag.casefold() for tag in tags)),
        spoken=frozenset(spoken),
        tagged=frozenset(tagged),
        context=frozenset(context),
        acronyms=frozenset(acronyms),
        links=sum(kind == "link" for kind, _ in tokens),
        is_reply=text.startswith("@"),
    )


def _spoken(tokens: list[tuple[str, str]]) -> list[str]:
    """The running text: words, and hashtags followed by a word or preceded by a joining word.

    Hashtags in a row count together: all of ``#AI #startups are welcome`` is a sentence.
    """
    found: list[str] = []
    end = 0  # of the row of hashtags
    for place, (kind, value) in enumerate(tokens):
        if kind == "word":
            found.append(value)
        elif kind == "tag":
            if place >= end:
                end = next((at for at in range(place, len(tokens)) if tokens[at][0] != "tag"), len(tokens))
            following = tokens[end] if end < len(tokens) else ("", "")
            follows = following[0] == "word" and following[1].casefold() not in CREDITS and end - place <= 3
            before = tokens[place - 1] if place else ("", "")
            if follows or (before[0] == "word" and before[1].casefold() in JOINING):
                found.append(value)
    return found


def _phrases(words: tuple[str, ...]) -> tuple[set[str], set[str]]:
    """Names of the subject lists and of the context lists that have a phrase among the words."""
    subjects: set[str] = set()
    context: set[str] = set()
    for start, word in enumerate(words):
        if word not in _FIRST_WORDS:
            continue
        phrase = word
        for end in range(start + 1, min(start + _LONGEST, len(words)) + 1):
            if end > start + 1:
                phrase = f"{phrase} {words[end - 1]}"
            subjects.update(_SUBJECT_INDEX.get(phrase, ()))
            context.update(_CONTEXT_INDEX.get(phrase, ()))
    return subjects, context


@lru_cache(maxsize=65_536)
def _tag(tag: str) -> tuple[frozenset[str], frozenset[str]]:
    """Subjects and context lists of one hashtag, as written (``#AIforGood`` needs its capitals)."""
    small = tag.casefold()
    subjects = set(_SUBJECT_INDEX.get(small, ()))
    subjects.update(name for stem, name in SUBJECT_TAG_STEMS.items() if stem in small)
    if small in ACRONYM_TAGS:
        subjects.add(ACRONYM_TAGS[small])
    if _CAMEL_ACRONYM.match(tag):
        subjects.add("ai" if "AI" in tag else "machine learning")
    return frozenset(subjects), frozenset(_CONTEXT_INDEX.get(small, ()))


def share(words: Iterable[str], of: frozenset[str]) -> float:
    """The share of the words that are in a list; 0 if there are no words."""
    words = tuple(words)
    return sum(word in of for word in words) / len(words) if words else 0.0

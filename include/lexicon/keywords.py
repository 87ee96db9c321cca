"""The AI keywords: which posts the filtered stream asks for, and which topic a post goes to.

The lists are those of gyan42/spark-streaming-playground's AI topic (artificial intelligence,
machine and deep learning, language, vision, data science, data mining, big data), completed by
the subjects this project's labelling guideline names (analytics, robotics) and by the frameworks
and engines of those fields. A keyword is written in lower case with single spaces.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from include.text.letters import plain
from include.text.words import HANDLE, LINK, TAG

ARTIFICIAL_INTELLIGENCE = (
    "ai",
    "a.i.",
    "artificial intelligence",
    "agi",
    "generative ai",
    "explainable ai",
    "xai",
    "aiml",
    "chatbot",
    "chatbots",
    "conversational ai",
    "turing test",
)
MACHINE_LEARNING = (
    "machine learning",
    "ml",
    "automl",
    "mlops",
    "supervised learning",
    "unsupervised learning",
    "reinforcement learning",
    "federated learning",
    "transfer learning",
    "random forest",
    "xgboost",
    "lightgbm",
    "catboost",
    "kaggle",
)
DEEP_LEARNING = (
    "deep learning",
    "deep neural",
    "neural network",
    "neural networks",
    "neural net",
    "neural nets",
    "convolutional",
    "cnns",
    "rnn",
    "lstm",
    "generative adversarial",
    "gans",
    "deepfake",
    "deepfakes",
    "backpropagation",
    "deepmind",
    "openai",
    "nvidia ai",
)
LANGUAGE = (
    "nlp",
    "nlproc",
    "natural language processing",
    "natural language understanding",
    "sentiment analysis",
    "speech recognition",
    "machine translation",
    "language model",
    "language models",
    "large language model",
    "llm",
    "llms",
    "gpt-2",
    "gpt-3",
    "gpt-4",
    "gpt",
    "chatgpt",
    "word2vec",
    "spacy",
    "hugging face",
)
VISION = (
    "computer vision",
    "image recognition",
    "object detection",
    "face recognition",
    "facial recognition",
    "image classification",
    "opencv",
    "yolov3",
)
DATA_SCIENCE = (
    "data science",
    "data scientist",
    "data scientists",
    "data mining",
    "text mining",
    "data analytics",
    "data analysis",
    "data analyst",
    "data visualization",
    "data engineering",
    "data engineer",
    "predictive analytics",
    "predictive modeling",
    "business analytics",
    "analytics",
    "business intelligence",
    "statistical learning",
)
BIG_DATA = (
    "big data",
    "hadoop",
    "apache spark",
    "pyspark",
    "spark streaming",
    "apache kafka",
    "data lake",
    "data warehouse",
    "mapreduce",
    "databricks",
)
TOOLS = (
    "tensorflow",
    "pytorch",
    "keras",
    "scikit-learn",
    "sklearn",
    "numpy",
    "jupyter",
    "rstats",
    "tidyverse",
    "mxnet",
    "fastai",
    "cuda",
    "snorkel",
)
ROBOTICS = (
    "robotics",
    "cobots",
    "autonomous vehicles",
    "autonomous driving",
    "self-driving car",
    "self-driving cars",
    "robotic process automation",
)

AI_KEYWORDS: dict[str, tuple[str, ...]] = {
    "artificial intelligence": ARTIFICIAL_INTELLIGENCE,
    "machine learning": MACHINE_LEARNING,
    "deep learning": DEEP_LEARNING,
    "language": LANGUAGE,
    "vision": VISION,
    "data science": DATA_SCIENCE,
    "big data": BIG_DATA,
    "tools": TOOLS,
    "robotics": ROBOTICS,
}
"""Every list by its subject."""

ALL_AI_KEYWORDS: tuple[str, ...] = tuple(dict.fromkeys(k for ks in AI_KEYWORDS.values() for k in ks))

_GAP = r"[\s_-]*+"  # "machine learning", "machine-learning", "#MachineLearning"
# Letters of scripts that separate words, and digits; in Japanese, Chinese or Korean "AI" stands
# directly beside other letters ("AIを活用"), and a French "j'ai" is not AI.
_LETTER = "0-9a-z_\u00c0-\u024f\u0300-\u036f\u0370-\u052f\u1e00-\u1eff"
_NOT_TEXT = re.compile(f"{LINK.pattern}|{HANDLE}", re.IGNORECASE)
_HASHTAG = re.compile(TAG)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_")
_AI_PREFIX = re.compile(r"^AI(?=[A-Z]|for[A-Z]|in[A-Z])|(?<=[a-z])AI$")


def _pattern(keywords: Iterable[str]) -> re.Pattern[str]:
    """One alternation over all keywords, longest first, branching on the first two letters."""
    heads: dict[str, list[str]] = {}
    for keyword in sorted(keywords, key=len, reverse=True):
        heads.setdefault(keyword[:2], []).append(keyword[2:])
    branches = [
        re.escape(head) + "(?:" + "|".join(map(_spaced, tails)) + ")" for head, tails in heads.items()
    ]
    return re.compile(f"(?<![{_LETTER}])(?<![{_LETTER}]['’])(?:{'|'.join(branches)})(?![{_LETTER}])")


def _spaced(keyword: str) -> str:
    return _GAP.join(re.escape(word) for word in re.split("[ -]", keyword))


def _key(keyword: str) -> str:
    return re.sub(r"[\s_-]", "", keyword)


_CANONICAL = {_key(keyword): keyword for keyword in ALL_AI_KEYWORDS}
_PATTERN = _pattern(ALL_AI_KEYWORDS)


def matched_keywords(text: str) -> tuple[str, ...]:
    """The AI keywords in a text, each once, in order, whatever letters it is written in; links and handles
    don't count.

    >>> matched_keywords("#AI, #MachineLearning and #BigDataAnalytics; fair maid, j'ai")
    ('ai', 'machine learning', 'big data', 'analytics')
    >>> matched_keywords("AIを活用")
    ('ai',)
    """
    text = plain(text)
    if "@" in text or "://" in text:
        text = _NOT_TEXT.sub(" ", text)
    if "#" in text:
        text = _HASHTAG.sub(_split_tag, text)
    found = _PATTERN.findall(text.casefold())
    return tuple(dict.fromkeys(_CANONICAL[_key(match)] for match in found)) if found else ()


def is_ai_text(text: str) -> bool:
    """Whether a text has an AI keyword: the keyword rule, baseline and topic filter.

    >>> is_ai_text("said the maid"), is_ai_text("(AI)")
    (False, True)
    """
    return bool(matched_keywords(text))


def _split_tag(match: re.Match[str]) -> str:
    """The words of a hashtag such as ``#BigDataAnalytics``."""
    tag = match.group("tag")
    words = _AI_PREFIX.sub(" AI ", tag) if "AI" in tag else tag
    return f" {_CAMEL.sub(' ', words)} "

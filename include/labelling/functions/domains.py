"""Links that are written out: posts of X shorten theirs, those of Bluesky and of files don't."""

from __future__ import annotations

import re

from include.labelling.functions.registry import labelling_function
from include.lexicon.function_words import AI_DOMAINS
from include.lexicon.labels import ABSTAIN, AI
from include.lexicon.text_features import TextFeatures

_HOST = re.compile(r"(?<![\w@.-])(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?![\w.-])", re.IGNORECASE)


@labelling_function("known domains")
def known_domain(post: TextFeatures) -> int:
    """AI for a link, with or without its scheme, to a site that is about the field alone.

    >>> from include.lexicon.text_features import features
    >>> known_domain(features("Worth your time: https://blog.kaggle.com/2026/x"))
    1
    >>> known_domain(features("see huggingface.co/models"))
    1
    >>> known_domain(features("https://kaggle.com.example.org"))
    -1
    """
    hosts = (match.group(1).lower() for match in _HOST.finditer(post.text))
    return AI if any(_known(host) for host in hosts) else ABSTAIN


def _known(host: str) -> bool:
    """Whether the host is a known domain or lies below one."""
    parts = host.split(".")
    return any(".".join(parts[start:]) in AI_DOMAINS for start in range(len(parts) - 1))

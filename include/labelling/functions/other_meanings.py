"""Where the same acronyms mean something else: games, flights, units, coins, fiction, other tongues."""

from __future__ import annotations

from include.labelling.functions.registry import labelling_function
from include.lexicon.function_words import FOREIGN
from include.lexicon.labels import ABSTAIN, NOT_AI
from include.lexicon.text_features import TextFeatures, share


@labelling_function("games")
def game_ai(post: TextFeatures) -> int:
    """Not AI for the opponent in a game.

    >>> from include.lexicon.text_features import features
    >>> game_ai(features("the AI in this game keeps dying"))
    0
    >>> game_ai(features("AI for games #MachineLearning"))
    -1
    """
    return NOT_AI if "game" in post.context and not post.subjects else ABSTAIN


@labelling_function("crypto")
def crypto_spam(post: TextFeatures) -> int:
    """Not AI for coins and airdrops, unless a sentence names a subject.

    >>> from include.lexicon.text_features import features
    >>> crypto_spam(features("Airdrop! AI-driven coin, earn free #bitcoin"))
    0
    >>> crypto_spam(features("AI and crypto"))
    -1
    """
    if "giveaway" in post.context:
        return NOT_AI
    said = post.spoken & (post.subjects | {"ai"})
    return NOT_AI if "crypto" in post.context and not said else ABSTAIN


@labelling_function("trading")
def trading_bot(post: TextFeatures) -> int:
    """Not AI for buy and sell signals.

    >>> from include.lexicon.text_features import features
    >>> trading_bot(features("The bot earned $840 in 174 performed trades #ai #bot #trading"))
    0
    """
    said = post.spoken & (post.subjects | {"ai"})
    return NOT_AI if "trading" in post.context and not said else ABSTAIN


@labelling_function("crypto")
def coins_beside_ai(post: TextFeatures) -> int:
    """Not AI where hashtags of coins stand beside those of AI, and no sentence names a subject.

    >>> from include.lexicon.text_features import features
    >>> coins_beside_ai(features("Nurse needed #jobs #ETH #BTC #Robotics #AI"))
    0
    """
    said = post.spoken & (post.subjects | {"ai"})
    return NOT_AI if post.tagged_subjects and "crypto" in post.context and not said else ABSTAIN


@labelling_function("fiction")
def fiction(post: TextFeatures) -> int:
    """Not AI for novels, role play and films with a thinking machine in them.

    >>> from include.lexicon.text_features import features
    >>> fiction(features("A sci-fi thriller on Kindle #AI"))
    0
    """
    return NOT_AI if "fiction" in post.context else ABSTAIN


@labelling_function("music and video")
def music_and_video(post: TextFeatures) -> int:
    """Not AI for music, dances and their hashtags.

    >>> from include.lexicon.text_features import features
    >>> music_and_video(features("my new music video #fyp #ai #robot"))
    0
    """
    said = post.spoken & post.subjects
    return NOT_AI if "music and video" in post.context and not said and not post.says_ai else ABSTAIN


@labelling_function("acronyms elsewhere")
def ai_of_another_kind(post: TextFeatures) -> int:
    """Not AI for an airline, a player or a surname.

    >>> from include.lexicon.text_features import features
    >>> ai_of_another_kind(features("flight AI-9614 from Jammu"))
    0
    >>> ai_of_another_kind(features("AI at Air India"))
    0
    """
    return NOT_AI if "ai elsewhere" in post.context and not post.subjects else ABSTAIN


@labelling_function("acronyms elsewhere")
def small_ai(post: TextFeatures) -> int:
    """Not AI for 'ai' in small letters as a word, in whatever tongue, and nothing else.

    >>> from include.lexicon.text_features import features
    >>> small_ai(features("ai nau ai know")), small_ai(features("j'ai trop de titre"))
    (0, 0)
    """
    return NOT_AI if "ai" in post.words and not post.mentions_ai else ABSTAIN


@labelling_function("acronyms elsewhere")
def units_and_other_acronyms(post: TextFeatures) -> int:
    """Not AI for millilitres, leagues, fandoms and defensive lines.

    >>> from include.lexicon.text_features import features
    >>> units_and_other_acronyms(features("100 ml mug")), units_and_other_acronyms(features("ML fandom"))
    (0, 0)
    """
    other = {"unit", "ml elsewhere", "dl elsewhere"} & post.context
    acronym = not {"ml", "dl"}.isdisjoint(post.words) or "unit" in post.context
    return NOT_AI if other and acronym and not post.subjects - _acronym_subjects(post) else ABSTAIN


@labelling_function("acronyms elsewhere")
def lone_acronym(post: TextFeatures) -> int:
    """Not AI for a bare ML or NLP with no technology word around.

    >>> from include.lexicon.text_features import features
    >>> lone_acronym(features("I'd declare ML now")), lone_acronym(features("ML in Python"))
    (0, -1)
    """
    bare = post.acronyms & {"ML", "NLP"} and not post.says_ai
    alone = not post.subjects and not post.tagged_subjects
    return NOT_AI if bare and alone and not {"technology", "reading"} & post.context else ABSTAIN


@labelling_function("other languages")
def another_language(post: TextFeatures) -> int:
    """Not AI where short words of another language abound and no subject is named.

    >>> from include.lexicon.text_features import features
    >>> another_language(features("que tu es le plus beau"))
    0
    >>> another_language(features("que AI machine learning"))
    -1
    """
    return NOT_AI if share(post.words, FOREIGN) >= 0.15 and not post.subjects else ABSTAIN


def _acronym_subjects(post: TextFeatures) -> frozenset[str]:
    """Subjects that only an acronym hashtag claims."""
    return frozenset({"machine learning", "deep learning"}) - post.spoken

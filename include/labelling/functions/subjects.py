"""One function per subject the guideline names: said in a sentence, or tagged beside another one."""

from __future__ import annotations

from include.labelling.functions.registry import labelling_function
from include.lexicon.labels import ABSTAIN, AI
from include.lexicon.text_features import TextFeatures

NAMES_ONLY = {"data science", "computer vision"}


def _about(post: TextFeatures, subject: str) -> int:
    """AI where the subject is said, or tagged beside a second subject and not among coins."""
    if "name only" in post.context and subject in NAMES_ONLY:
        return ABSTAIN
    tagged = subject in post.tagged and len(post.tagged_subjects | post.spoken) > 1
    tagged = tagged and "crypto" not in post.context
    return AI if subject in post.spoken or tagged else ABSTAIN


@labelling_function("artificial intelligence")
def artificial_intelligence(post: TextFeatures) -> int:
    """AI where artificial intelligence is written out.

    >>> from include.lexicon.text_features import features
    >>> artificial_intelligence(features("Artificial Intelligence in retail"))
    1
    """
    return _about(post, "artificial intelligence")


@labelling_function("artificial intelligence")
def ai_in_a_sentence(post: TextFeatures) -> int:
    """AI where the acronym is part of a sentence, outside its other senses.

    >>> from include.lexicon.text_features import features
    >>> ai_in_a_sentence(features("How #AI helps nurses"))
    1
    >>> ai_in_a_sentence(features("Air India flight AI 753"))
    -1
    """
    elsewhere = {"ai elsewhere", "game", "giveaway", "fiction"} & post.context
    return AI if post.says_ai and not elsewhere and not post.in_passing else ABSTAIN


@labelling_function("artificial intelligence")
def ai_at_work(post: TextFeatures) -> int:
    """AI where the acronym does something: powers, predicts, is used.

    >>> from include.lexicon.text_features import features
    >>> ai_at_work(features("Startup using AI to find leaks"))
    1
    >>> ai_at_work(features("the AI never covers my goal"))
    -1
    """
    elsewhere = {"ai elsewhere", "game", "giveaway"} & post.context
    return AI if post.says_ai and "action of ai" in post.context and not elsewhere else ABSTAIN


@labelling_function("machine learning")
def machine_learning(post: TextFeatures) -> int:
    """AI for machine learning and its kinds.

    >>> from include.lexicon.text_features import features
    >>> machine_learning(features("a free Machine Learning course")), machine_learning(features("20 ml"))
    (1, -1)
    """
    return _about(post, "machine learning")


@labelling_function("machine learning")
def ml_among_technology(post: TextFeatures) -> int:
    """AI for the acronym ML among technology words, not as millilitres or a game.

    >>> from include.lexicon.text_features import features
    >>> ml_among_technology(features("Turn Python scripts into ML tools"))
    1
    >>> ml_among_technology(features("350 ML mug"))
    -1
    """
    elsewhere = {"ml elsewhere", "unit"} & post.context
    if "ML" in post.acronyms and "technology" in post.context and not elsewhere:
        return AI
    return ABSTAIN


@labelling_function("deep learning")
def deep_learning(post: TextFeatures) -> int:
    """AI for deep learning and deepfakes.

    >>> from include.lexicon.text_features import features
    >>> deep_learning(features("Deepfakes fool everyone")), deep_learning(features("deep in thought"))
    (1, -1)
    """
    return _about(post, "deep learning")


@labelling_function("deep learning")
def neural_network(post: TextFeatures) -> int:
    """AI for neural networks.

    >>> from include.lexicon.text_features import features
    >>> neural_network(features("bees inspire neural network training"))
    1
    """
    return _about(post, "neural network")


@labelling_function("language processing")
def language_processing(post: TextFeatures) -> int:
    """AI for language technology, its acronym only among technology words.

    >>> from include.lexicon.text_features import features
    >>> language_processing(features("8 libraries for #NLProc and text"))
    1
    >>> language_processing(features("NLP coach"))
    -1
    """
    if "NLP" in post.acronyms and {"technology", "reading"} & post.context:
        return AI
    return _about(post, "language processing")


@labelling_function("computer vision")
def computer_vision(post: TextFeatures) -> int:
    """AI for machines that see.

    >>> from include.lexicon.text_features import features
    >>> computer_vision(features("object detection on drones"))
    1
    >>> computer_vision(features("Computer vision syndrome"))
    -1
    """
    return _about(post, "computer vision")


@labelling_function("data science")
def data_science(post: TextFeatures) -> int:
    """AI for data science and those who do it, not for the name of a magazine.

    >>> from include.lexicon.text_features import features
    >>> data_science(features("a Data Scientist's week"))
    1
    >>> data_science(features("Read on Towards Data Science"))
    -1
    """
    return _about(post, "data science")


@labelling_function("analytics")
def data_analytics(post: TextFeatures) -> int:
    """AI for analytics and data mining as a field; the bare word of web statistics is not enough.

    >>> from include.lexicon.text_features import features
    >>> data_analytics(features("predictive analytics")), data_analytics(features("my Google Analytics"))
    (1, -1)
    """
    return _about(post, "analytics")


@labelling_function("big data")
def big_data(post: TextFeatures) -> int:
    """AI for big data and its engines.

    >>> from include.lexicon.text_features import features
    >>> big_data(features("Big data interview questions")), big_data(features("a Kafka novel"))
    (1, -1)
    """
    return _about(post, "big data")


@labelling_function("robotics")
def robotics(post: TextFeatures) -> int:
    """AI for robotics and vehicles that drive themselves.

    >>> from include.lexicon.text_features import features
    >>> robotics(features("self-driving cars")), robotics(features("I'm not a robot"))
    (1, -1)
    """
    return _about(post, "robotics")


@labelling_function("tools")
def tools_of_the_trade(post: TextFeatures) -> int:
    """AI for its libraries, laboratories and contests.

    >>> from include.lexicon.text_features import features
    >>> tools_of_the_trade(features("a pure PyTorch demo of #RealNVP"))
    1
    """
    return _about(post, "tools")

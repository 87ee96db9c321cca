"""One function per subject the guideline names: said in a sentence, or tagged beside another one."""

from __future__ import annotations

from include.labelling.functions.registry import labelling_function
from include.lexicon.labels import ABSTAIN, AI
from include.lexicon.text_features import Reading

NAMES_ONLY = {"data science", "computer vision"}


def _about(post: Reading, subject: str) -> int:
    """AI where the subject is said, or tagged beside a second subject and not among coins."""
    if "name only" in post.context and subject in NAMES_ONLY:
        return ABSTAIN
    tagged = subject in post.tagged and len(post.tagged_subjects | post.spoken) > 1
    tagged = tagged and "crypto" not in post.context
    return AI if subject in post.spoken or tagged else ABSTAIN


@labelling_function("artificial intelligence")
def artificial_intelligence(post: Reading) -> int:
    """AI where artificial intelligence is written out.

    >>> from include.lexicon.text_features import read
    >>> artificial_intelligence(read("Artificial Intelligence in retail"))
    1
    """
    return _about(post, "artificial intelligence")


@labelling_function("artificial intelligence")
def ai_in_a_sentence(post: Reading) -> int:
    """AI where the acronym is part of a sentence, outside its other senses.

    >>> from include.lexicon.text_features import read
    >>> ai_in_a_sentence(read("How #AI helps nurses")), ai_in_a_sentence(read("Air India flight AI 753"))
    (1, -1)
    """
    elsewhere = {"ai elsewhere", "game", "giveaway", "fiction"} & post.context
    return AI if post.says_ai and not elsewhere and not post.in_passing else ABSTAIN


@labelling_function("artificial intelligence")
def ai_at_work(post: Reading) -> int:
    """AI where the acronym does something: powers, predicts, is used.

    >>> from include.lexicon.text_features import read
    >>> ai_at_work(read("Startup using AI to find leaks")), ai_at_work(read("the AI never covers my goal"))
    (1, -1)
    """
    elsewhere = {"ai elsewhere", "game", "giveaway"} & post.context
    return AI if post.says_ai and "action of ai" in post.context and not elsewhere else ABSTAIN


@labelling_function("machine learning")
def machine_learning(post: Reading) -> int:
    """AI for machine learning and its kinds.

    >>> from include.lexicon.text_features import read
    >>> machine_learning(read("a free Machine Learning course")), machine_learning(read("20 ml"))
    (1, -1)
    """
    return _about(post, "machine learning")


@labelling_function("machine learning")
def ml_among_technology(post: Reading) -> int:
    """AI for the acronym ML among technology words, not as millilitres or a game.

    >>> from include.lexicon.text_features import read
    >>> ml_among_technology(read("Turn Python scripts into ML tools"))
    1
    >>> ml_among_technology(read("350 ML mug"))
    -1
    """
    elsewhere = {"ml elsewhere", "unit"} & post.context
    if "ML" in post.acronyms and "technology" in post.context and not elsewhere:
        return AI
    return ABSTAIN


@labelling_function("deep learning")
def deep_learning(post: Reading) -> int:
    """AI for deep learning and deepfakes.

    >>> from include.lexicon.text_features import read
    >>> deep_learning(read("Deepfakes fool everyone")), deep_learning(read("deep in thought"))
    (1, -1)
    """
    return _about(post, "deep learning")


@labelling_function("deep learning")
def neural_network(post: Reading) -> int:
    """AI for neural networks.

    >>> from include.lexicon.text_features import read
    >>> neural_network(read("bees inspire neural network training"))
    1
    """
    return _about(post, "neural network")


@labelling_function("language processing")
def language_processing(post: Reading) -> int:
    """AI for language technology, its acronym only among technology words.

    >>> from include.lexicon.text_features import read
    >>> language_processing(read("8 libraries for #NLProc and text")), language_processing(read("NLP coach"))
    (1, -1)
    """
    if "NLP" in post.acronyms and {"technology", "reading"} & post.context:
        return AI
    return _about(post, "language processing")


@labelling_function("computer vision")
def computer_vision(post: Reading) -> int:
    """AI for machines that see.

    >>> from include.lexicon.text_features import read
    >>> computer_vision(read("object detection on drones")), computer_vision(read("Computer vision syndrome"))
    (1, -1)
    """
    return _about(post, "computer vision")


@labelling_function("data science")
def data_science(post: Reading) -> int:
    """AI for data science and those who do it, not for the name of a magazine.

    >>> from include.lexicon.text_features import read
    >>> data_science(read("a Data Scientist's week")), data_science(read("Read on Towards Data Science"))
    (1, -1)
    """
    return _about(post, "data science")


@labelling_function("analytics")
def data_analytics(post: Reading) -> int:
    """AI for analytics and data mining as a field; the bare word of web statistics is not enough.

    >>> from include.lexicon.text_features import read
    >>> data_analytics(read("predictive analytics")), data_analytics(read("my Google Analytics"))
    (1, -1)
    """
    return _about(post, "analytics")


@labelling_function("big data")
def big_data(post: Reading) -> int:
    """AI for big data and its engines.

    >>> from include.lexicon.text_features import read
    >>> big_data(read("Big data interview questions")), big_data(read("a Kafka novel"))
    (1, -1)
    """
    return _about(post, "big data")


@labelling_function("robotics")
def robotics(post: Reading) -> int:
    """AI for robotics and vehicles that drive themselves.

    >>> from include.lexicon.text_features import read
    >>> robotics(read("self-driving cars")), robotics(read("I'm not a robot"))
    (1, -1)
    """
    return _about(post, "robotics")


@labelling_function("tools")
def tools_of_the_trade(post: Reading) -> int:
    """AI for its libraries, laboratories and contests.

    >>> from include.lexicon.text_features import read
    >>> tools_of_the_trade(read("a pure PyTorch demo of #RealNVP"))
    1
    """
    return _about(post, "tools")

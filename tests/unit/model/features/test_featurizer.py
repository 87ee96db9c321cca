"""The reading in the graph against the labelling functions' own reading of the same posts."""

from __future__ import annotations

import unicodedata
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.lexicon.text_features import features
from include.model.features.lexicon import SAID, SETTING, TAGGED, Lexicon
from include.text.characters import is_spacing_mark
from include.text.letters import letters
from tests.support.datasets.labelled_posts import make_posts

pytestmark = pytest.mark.learning

TEXTS = [
    "How #AI and Machine Learning help banks https://t.co/x #ML #FinTech",
    "the state of #DeepLearning is good",
    "via #DeepLearning",
    "#AI #startups are welcome",
    "#AI #startups #b2b #seo are not a sentence",
    "new issue\n#DataScience\n#BigData",
    "@ann the AI in this game keeps dying",
    "100 days of ml code, day 3",
    "my big data project, and a big deal of data",
    "#machinelearningjobs in London",
    "I love #MachineLearning read more",
    "que tu es le plus beau j'ai ml",
    "machine",
    "#",
    "# AI",
    "learning\nmachine learning",
    "",
    "🤖 #BigData",
    "data science",
    "see #",
    "AI is here",
    "hi @",
    "ＡＩ and 𝗺𝗮𝗰𝗵𝗶𝗻𝗲 𝗹𝗲𝗮𝗿𝗻𝗶𝗻𝗴 help ＃ＦｉｎＴｅｃｈ",
    "ma\u00adchine lear\u200dning on #ＡＩ and \u200edeep\xa0learning\u200f",
    "We are #1 in AI, C# # and #2_0 #deep_learning",
    "#हिन्दी और #AI पर #मशीन\u200dलर्निंग",
    "“https://a.example/x”AI https://t.co/abcdefghij（#ML） https://t.co/abcdefghij🔥AI",
    "POKE\u0301MON POKÉMON",
    "´AI´ ¨deep learning¨ j´ai and machine\u058alearning",
    "AT&amp;T&nbsp;AI, j&rsquo;ai &#39;deep learning&#39; &ldquo;#ML&rdquo; &#x27;&#0160;x",
    'HTTPS://a.example/x"AI and https://t.co/abcdefghijMachine learning',
    "machine",
    "learning",
]
"""Some end in a phrase's first word or in a sign, where the next text begins with what would follow it."""


@pytest.fixture(scope="module")
def featurizer():
    from include.model.features.featurizer import Featurizer

    return Featurizer(Lexicon.learn(TEXTS))


def _ours(featurizer, texts: list[str]) -> list[dict[str, float]]:
    from include.model.features.featurizer import CONCEPTS

    concepts, _ = featurizer.featurize(texts)
    assert concepts.shape == (len(texts), len(CONCEPTS))
    return [dict(zip(CONCEPTS, row.tolist(), strict=True)) for row in concepts]


@pytest.mark.parametrize("batch", [1, len(TEXTS)])
def test_lists_are_those_of_the_labelling_functions(featurizer, batch: int) -> None:
    found = [row for i in range(0, len(TEXTS), batch) for row in _ours(featurizer, TEXTS[i : i + batch])]
    for text, row in zip(TEXTS, found, strict=True):
        post = features(text.replace("# ", "#"))
        expected = {f"said: {name}" for name in post.spoken} & set(SAID)
        expected |= {f"tagged: {name}" for name in post.tagged} & set(TAGGED)
        expected |= {f"setting: {name}" for name in post.context} & set(SETTING)
        assert {name for name in (*SAID, *TAGGED, *SETTING) if row[name] == 1} == expected, text


def test_counts(featurizer) -> None:
    row = _ours(featurizer, ["@ann AI, ai and https://t.co/x #ML #ML you"])[0]
    assert row["hashtags"] == pytest.approx(np.log1p(2))
    assert row["links"] == row["handles"] == pytest.approx(np.log1p(1))
    assert (row["a reply"], row["AI"], row["ai"], row["AIs"], row["NLP"]) == (1, 1, 1, 0, 0)
    words = ["AI", "ai", "and", "ML", "ML", "you"]  # the tags stand before a word
    assert row["words"] == pytest.approx(np.log1p(len(words)))
    assert row["talk, share"] == pytest.approx(4 / len(words))
    assert row["subjects tagged"] == pytest.approx(np.log1p(1))
    assert row["subjects tagged, share"] == pytest.approx(1 / 3)


def test_what_a_text_is_read_beside_changes_nothing(featurizer) -> None:
    texts = [text for text, _ in make_posts(60)]
    together, counts = featurizer.featurize(texts)
    for i in range(0, 60, 7):
        alone, count = featurizer.featurize([texts[i]])
        np.testing.assert_array_equal(alone[0], together[i])
        assert (count != counts[i]).nnz == 0


def test_words_and_pairs(featurizer) -> None:
    _, counts = featurizer.featurize(["deep learning deep", "Deep", "learning. deep", "", "#deep"])
    assert np.asarray(counts.sum(axis=1)).ravel().tolist() == [5, 1, 3, 0, 2]
    deep = counts[1].indices[0]
    assert counts[:, [deep]].toarray().ravel().tolist() == [2, 1, 1, 0, 1]
    assert (counts[0].minimum(counts[2])).nnz == 3, "deep, learning, and 'learning deep'"


LETTERS = "aAIié\u0301\u0323É ßẞΣσςЖ #＃@1２_ＡＩ\u200d\u00ad\ufe0fहि्데ﾃﾞ。、”“…\u02bc\u0345İǅ👩🔥\u200b"
SPELLINGS = st.text(st.sampled_from(LETTERS), max_size=24) | st.text(max_size=16)


@settings(max_examples=60)
@given(st.lists(SPELLINGS, min_size=1, max_size=6))
def test_all_spellings_of_a_text_have_the_same_features(featurizer, texts: list[str]) -> None:
    """What Python's normalisation makes equal, the graph takes for equal."""
    texts = [text.replace("://", "").encode("utf-8", "replace").decode() for text in texts]
    texts = ["".join(" " if is_spacing_mark(one) else one for one in text) for text in texts]  # stay apart
    concepts, counts = featurizer.featurize(texts)
    for form in (letters, partial(unicodedata.normalize, "NFD"), partial(unicodedata.normalize, "NFKC")):
        others, other_counts = featurizer.featurize([form(text) for text in texts])
        np.testing.assert_array_equal(others, concepts)
        assert (other_counts != counts).nnz == 0


def test_no_texts(featurizer) -> None:
    concepts, counts = featurizer.featurize([])
    assert concepts.shape[0] == counts.shape[0] == 0

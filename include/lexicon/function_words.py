"""Every word list of the labelling functions: the one place to edit.

A phrase is written in small letters, its words parted by one space. Running text matches it word by
word; a hashtag matches the phrase written together (``#MachineLearning``). Sources: the original
project's keyword lists (gyan42/spark-streaming-playground), the terms the labelling guideline names,
and senses seen in posts of spring 2020 (brands, games, units, airline codes that share an acronym).
"""

from __future__ import annotations


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


CHATTER = _words(
    """
    i im ive ill me my mine myself you your youre u ur ya yall he him his she her hers they them
    their we us our lol lmao lmfao omg wtf haha hahaha love hate miss bro sis dude girl boy guys mom
    dad baby sorry please thanks thank happy birthday morning night gonna wanna gotta aint dont cant
    wont
    """
)
"""Words of talk between people; a post made of many of them speaks of no field of knowledge."""

FOREIGN = _words(
    """
    que je tu est les des une pas pour dans mais avec della che non sono per il gli di una com uma
    não para mas por eu você el los las pero lang yung mga siya kasi wala ako naman saya aku kau
    yang tak dan di ni ja jak się nie ngiyo nje mna kuba wena khaya laku piyan ke nau
    """
)
"""Frequent short words of languages in which 'ai' or 'ml' is a word of its own."""

JOINING = _words("and with of in for on to by the a an using vs about is our via from into how")
"""Words that lead on to a hashtag as a part of the sentence: "the state of #AI"."""

CREDITS = _words("cc via v by rt read click source see more here")
"""Words that begin a credit line after the hashtags, and so make none of them a part of a sentence."""
# Sites that are about nothing else: publications, conferences and tools that the guideline's subjects
# name. General ones (arxiv.org, github.com, medium.com) are none of them.
AI_DOMAINS = _words(
    "aaai.org aclanthology.org analyticsvidhya.com anthropic.com databricks.com datacamp.com dataquest.io"
    " datasciencecentral.com deeplearning.ai deepmind.com deepmind.google distill.pub emerj.com fast.ai"
    " hadoop.apache.org huggingface.co icml.cc jmlr.org kafka.apache.org kaggle.com kdnuggets.com keras.io"
    " machinelearningmastery.com mlflow.org neurips.cc openai.com paperswithcode.com pytorch.org"
    " scikit-learn.org spark.apache.org tensorflow.org towardsdatascience.com wandb.ai"
)

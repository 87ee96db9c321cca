"""Single words with a function: of small talk, of other languages, around hashtags; and known domains."""

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
"""Words of small talk; a post with many of them is about no field of knowledge."""

FOREIGN = _words(
    """
    que je tu est les des une pas pour dans mais avec della che non sono per il gli di una com uma
    não para mas por eu você el los las pero lang yung mga siya kasi wala ako naman saya aku kau
    yang tak dan di ni ja jak się nie ngiyo nje mna kuba wena khaya laku piyan ke nau
    """
)
"""Frequent short words of languages in which 'ai' or 'ml' is a word of its own."""

JOINING = _words("and with of in for on to by the a an using vs about is our via from into how")
"""Words after which a hashtag is part of the sentence: "the state of #AI"."""

CREDITS = _words("cc via v by rt read click source see more here")
"""Words that begin a credit line after hashtags: these hashtags are not part of a sentence."""

# Sites of publications, conferences and tools that are only about the guideline's subjects, unlike general
# ones (arxiv.org, github.com, medium.com).
AI_DOMAINS = _words(
    "aaai.org aclanthology.org analyticsvidhya.com anthropic.com databricks.com datacamp.com dataquest.io"
    " datasciencecentral.com deeplearning.ai deepmind.com deepmind.google distill.pub emerj.com fast.ai"
    " hadoop.apache.org huggingface.co icml.cc jmlr.org kafka.apache.org kaggle.com kdnuggets.com keras.io"
    " machinelearningmastery.com mlflow.org neurips.cc openai.com paperswithcode.com pytorch.org"
    " scikit-learn.org spark.apache.org tensorflow.org towardsdatascience.com wandb.ai"
)

"""Word lists, and what they say about a text: the one place to edit what the labelling functions know.

A phrase is written in lower case, its words separated by one space. Running text matches it word by word; a
hashtag matches the phrase written as one word (``#MachineLearning``). Sources: the keyword lists of the
original project (gyan42/spark-streaming-playground), the terms that the labelling guideline names, and other
meanings seen in posts of spring 2020 (brands, games, units, airline codes that share an acronym).
"""

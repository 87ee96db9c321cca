"""What promotion has to know of a kind of model: how it is asked, and the rows that judge it.

An example of a model is one text: a post for the classifier of posts, an event's JSON for another. So
records, evidence and comparisons are the same for all.
"""

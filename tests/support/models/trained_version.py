"""The version that the model's tests train on, and its golden labels."""

from __future__ import annotations

from tests.support.datasets.labelled_posts import make_posts

VERSION = 7001
POSTS = make_posts(900)
LEARNED = [(text, int(p > 0.5)) for text, p in POSTS[300:380]]
HELD_OUT = [(text, int(p > 0.5)) for text, p in POSTS[:20]]
"""In the test split: only ever measured on."""
GOLDEN = LEARNED + HELD_OUT

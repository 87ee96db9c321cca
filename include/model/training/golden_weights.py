"""How much a golden label counts where it is learned from beside weak ones.

Three weights, because they are on three scales: they were chosen one by one, by cross-fitted F1 on golden
posts (``docs/decisions/0005-golden-labels-enter-the-linear-part.md`` and 0007).
"""

from __future__ import annotations

NETWORK = 3.0
"""In the network: in weak labels. More makes it learn a few hundred golden posts by heart."""
LINEAR = 1.0
"""In the linear part: the weight of a golden label's loss against the distance from the weights that weak
labels gave. Weak labels are not fitted again there, so this is no ratio of labels."""
TFIDF_BASELINE = 10.0
"""In the TF-IDF baseline: in weak labels. It has no part that reads lists, and gains from more than the
network does."""

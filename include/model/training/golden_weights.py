"""How much a golden label counts in each model that learns from golden labels beside weak ones.

Three settings, as they are on three scales; what was measured is in
``docs/decisions/0014-three-weights-of-a-golden-label.md``.
"""

from __future__ import annotations

NETWORK = 3.0
"""In the network, in weak labels. With 10 the ranking of golden posts gets worse."""
LINEAR = 1.0
"""In the linear part: the weight of a golden label's loss against the distance from the weights that the weak
labels gave. Weak labels are not fitted again there, so this is no ratio of labels."""
TFIDF_BASELINE = 10.0
"""In the TF-IDF baseline, in weak labels. It hardly matters; a change would make the baseline's figures
incomparable with those of earlier versions."""

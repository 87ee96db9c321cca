"""What the two parts of the classifier see of the posts, computed once for all fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from include.model.features.featurizer import Featurizer
from include.model.features.lexicon import Lexicon
from include.model.training.linear import NgramWeighting


@dataclass(frozen=True)
class PartInputs:
    """Of n texts: concepts float32[n, len(CONCEPTS)] for the network, n-grams float64[n, ids] for the linear
    part."""

    concepts: np.ndarray
    ngrams: csr_matrix


@dataclass(frozen=True)
class InputReader:
    """Turns texts into inputs, as the exported model does."""

    featurizer: Featurizer
    weighting: NgramWeighting

    def read(self, texts: Sequence[str]) -> PartInputs:
        """The inputs of n texts."""
        concepts, counts = self.featurizer.featurize(texts)
        return PartInputs(concepts, self.weighting.matrix(counts))


@dataclass(frozen=True)
class Inputs:
    """The inputs of all posts of a training, and what reads those of further posts."""

    reader: InputReader
    train: PartInputs
    dev: PartInputs
    golden: PartInputs | None


def read_inputs(train: Sequence[str], dev: Sequence[str], golden: Sequence[str] | None) -> Inputs:
    """Take the hashtags of the lexicon and the weights of n-grams from the training texts, and read all."""
    featurizer = Featurizer(Lexicon.learn(train))
    concepts, counts = featurizer.featurize(train)
    reader = InputReader(featurizer, NgramWeighting.fit(counts))
    return Inputs(
        reader,
        train=PartInputs(concepts, reader.weighting.matrix(counts)),
        dev=reader.read(dev),
        golden=None if golden is None else reader.read(golden),
    )

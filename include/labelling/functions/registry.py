"""The registry of labelling functions; the decorator adds a function to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from include.lexicon.text_features import TextFeatures

Vote = Callable[[TextFeatures], int]


@dataclass(frozen=True, slots=True)
class LabellingFunction:
    """One labelling function.

    broad: it only checks whether there is any keyword. The broad functions never disagree and together cover
    every post, which a label model takes for perfect accuracy; so they vote in the majority, and the label
    model is fitted on the others.
    """

    name: str
    concept: str
    vote: Vote
    broad: bool = False

    @property
    def about(self) -> str:
        """The first line of the function's docstring."""
        return (self.vote.__doc__ or "").strip().partition("\n")[0]


class Registry(dict[str, LabellingFunction]):
    """Labelling functions by name, in the order of their definition."""

    def add(self, concept: str, *, broad: bool = False) -> Callable[[Vote], Vote]:
        """Register the decorated function; it stays a plain function, so that its examples run.

        Raises:
            ValueError: the name is taken.
        """

        def register(vote: Vote) -> Vote:
            name = vote.__name__
            if name in self:
                raise ValueError(f"labelling function {name!r} is defined twice")
            self[name] = LabellingFunction(name, concept, vote, broad)
            return vote

        return register


REGISTRY = Registry()
labelling_function = REGISTRY.add

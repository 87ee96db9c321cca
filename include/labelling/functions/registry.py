"""The registry of labelling functions; defining one with the decorator enters it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from include.lexicon.text_features import TextFeatures

Vote = Callable[[TextFeatures], int]


@dataclass(frozen=True, slots=True)
class LabellingFunction:
    """One voter.

    broad: it asks no more than whether a keyword is there at all. Broad functions never disagree and
    together cover every post, which a label model takes for perfect witnesses; so they vote in the
    majority, and the label model is fitted on the others.
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
        """Enter the decorated function; it stays a plain function, so that its examples run.

        Raises:
            ValueError: the name is taken.
        """

        def enter(vote: Vote) -> Vote:
            name = vote.__name__
            if name in self:
                raise ValueError(f"labelling function {name!r} is defined twice")
            self[name] = LabellingFunction(name, concept, vote, broad)
            return vote

        return enter


REGISTRY = Registry()
labelling_function = REGISTRY.add

"""How a promotion ends without the wanted model in service."""

from __future__ import annotations

from include.errors import UserError


class PromotionError(UserError):
    """The wanted model is not in service."""


class PromotionRefused(PromotionError):
    """The gate said no; production was not touched."""


class PromotionFailed(PromotionError):
    """The rollout began and failed; the message says what serves now."""


class Unreachable(PromotionError):
    """The place of production does not answer at this moment."""

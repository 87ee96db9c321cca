"""How a promotion ends without the wanted model in service."""

from __future__ import annotations

from include.errors import UserError


class PromotionError(UserError):
    """The wanted model is not in service."""


class PromotionRefused(PromotionError):
    """The gate refused the model; production was not touched."""


class OwnApproval(PromotionError):
    """Who asked for a promotion approved it as well, which the settings refuse; nothing was touched."""


class PromotionFailed(PromotionError):
    """The rollout began and failed; the message names what is in service now."""


class VerificationFailed(PromotionError):
    """The server doesn't serve the version as it should."""


class TargetUnreachable(PromotionError):
    """The target does not answer at the moment; what serves there goes on serving."""


class MissingEvidence(UserError):
    """The database doesn't hold the scoring or the evidence that was asked for."""

"""What a candidate must reach, and how much worse than the champion it may be: one set for every check."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from include.errors import UserError
from include.settings import Settings


class InvalidLimits(UserError):
    """The setting ``gate_limits`` names an unknown limit, or an impossible value."""


class PromotionLimits(BaseModel):
    """Every limit with its default, which the setting ``gate_limits`` replaces by name.

    The gate applies all of them; the rollout and the canary apply those on latency as well.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_golden: int = Field(50, ge=1, description="Golden rows needed to judge by people's labels.")
    min_golden_per_class: int = Field(10, ge=1, description="Golden rows needed of either class.")
    min_precision: float = Field(0.5, ge=0, le=1, description="Lowest precision.")
    min_recall: float = Field(0.5, ge=0, le=1, description="Lowest recall.")
    min_minority_recall: float = Field(0.5, ge=0, le=1, description="Lowest recall of the rarer class.")
    min_f1: float = Field(0.5, ge=0, le=1, description="Lowest F1.")
    min_predicted_share: float = Field(
        0.002, ge=0, lt=0.5, description="Lowest share of the rows for which either class is predicted."
    )
    min_behaviour: float = Field(
        0.7, ge=0, le=1, description="Lowest pass rate of a kind of behavioural test."
    )
    f1_margin: float = Field(0.01, ge=0, description="How far F1 may lie below the champion's.")
    accuracy_margin: float = Field(
        0.01, ge=0, description="How far accuracy may lie below the champion's (McNemar's test)."
    )
    significance: float = Field(0.05, gt=0, lt=1, description="Level of McNemar's test on all rows.")
    slice_rows: int = Field(50, ge=1, description="Rows that a slice needs to be judged.")
    slice_margin: float = Field(0.05, ge=0, description="How far a slice's accuracy may fall.")
    slice_significance: float = Field(0.01, gt=0, lt=1, description="Level of McNemar's test on a slice.")
    max_repeat_difference: float = Field(
        1e-5, ge=0, description="How far two answers to the same text may differ."
    )
    load_seconds: float = Field(120, gt=0, description="How long loading may take.")
    latency_batch: int = Field(64, ge=1, description="Texts in a request of the gate's latency test.")
    max_latency_ms: float = Field(1000, gt=0, description="95th percentile of such requests.")
    max_latency_ratio: float = Field(
        3.0, gt=0, description="95th percentile of request times, as a multiple of the champion's."
    )
    latency_unnoticed_ms: float = Field(
        50, ge=0, description="Below this 95th percentile the ratio to the champion's doesn't matter."
    )
    max_megabytes: float = Field(500, gt=0, description="Size of the SavedModel, 10^6 bytes.")

    @classmethod
    def of(cls, settings: Settings) -> PromotionLimits:
        """The limits of these settings.

        Raises:
            InvalidLimits: names the limit.
        """
        try:
            return cls.model_validate(settings.gate_limits)
        except ValidationError as error:
            faults = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            raise InvalidLimits(
                f"TWEETSIEVE_GATE_LIMITS has {faults}; limits are {', '.join(cls.model_fields)}"
            ) from error

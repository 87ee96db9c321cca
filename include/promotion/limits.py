"""The limits of the gate: what a candidate must reach, and how much worse than the champion it may be."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from include.errors import UserError
from include.settings import Settings


class BadLimits(UserError):
    """The setting ``gate_limits`` names a limit that there is none of, or a value that is none."""


class GateLimits(BaseModel):
    """Every limit with its default; the setting ``gate_limits`` replaces those that it names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_golden: int = Field(50, ge=1, description="Golden rows needed to judge by people's labels.")
    min_golden_per_class: int = Field(10, ge=1, description="And of either class among them.")
    min_precision: float = Field(0.5, ge=0, le=1, description="Floor of the precision.")
    min_recall: float = Field(0.5, ge=0, le=1, description="Floor of the recall.")
    min_minority_recall: float = Field(0.5, ge=0, le=1, description="Floor of the rarer class's recall.")
    min_f1: float = Field(0.5, ge=0, le=1, description="Floor of F1: below it a model is of no use.")
    min_predicted_share: float = Field(
        0.002, ge=0, lt=0.5, description="Share of the rows that either class must be predicted for."
    )
    min_behaviour: float = Field(0.7, ge=0, le=1, description="Share of each kind of behavioural test.")
    f1_margin: float = Field(0.01, ge=0, description="How much worse than the champion's F1 may be.")
    accuracy_margin: float = Field(0.01, ge=0, description="The same of the accuracy (McNemar's test).")
    significance: float = Field(0.05, gt=0, lt=1, description="Level of McNemar's test on all rows.")
    slice_rows: int = Field(50, ge=1, description="Rows that a slice must have to be judged.")
    slice_margin: float = Field(0.05, ge=0, description="How far a slice's accuracy may fall.")
    slice_significance: float = Field(0.01, gt=0, lt=1, description="Level of McNemar's test on a slice.")
    max_repeat_difference: float = Field(
        1e-5, ge=0, description="How far two answers to the same text may lie apart."
    )
    load_seconds: float = Field(120, gt=0, description="How long loading may take.")
    latency_batch: int = Field(64, ge=1, description="Texts in a request of the latency test.")
    max_latency_ms: float = Field(1000, gt=0, description="95th percentile of such requests.")
    max_latency_ratio: float = Field(3.0, gt=0, description="The same, as a multiple of the champion's.")
    latency_unnoticed_ms: float = Field(
        50, ge=0, description="Up to this many milliseconds the ratio to the champion says nothing."
    )
    max_megabytes: float = Field(500, gt=0, description="Size of the SavedModel, 10^6 bytes.")

    @classmethod
    def of(cls, settings: Settings) -> GateLimits:
        """The limits that the settings leave as they are, and those that they replace.

        Raises:
            BadLimits: names the limit.
        """
        try:
            return cls.model_validate(settings.gate_limits)
        except ValidationError as error:
            faults = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            raise BadLimits(
                f"TWEETSIEVE_GATE_LIMITS has {faults}; limits are {', '.join(cls.model_fields)}"
            ) from error

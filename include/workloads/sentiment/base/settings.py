"""The settings of the workload ``sentiment``, read from ``TWEETSIEVE_SENTIMENT_<FIELD>``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from include.settings import PROJECT_ROOT, Port, Settings, read_settings

Version = Literal["a", "b"]

TEXTS_PER_REQUEST = 1024
"""What the stream asks for at once, at most; a service has to take so many."""
LEAST_COMPOUND, LEAST_NEG = 0.5, 0.3
"""What is less emotional is never queued for a person, whatever the thresholds are set to."""


class SentimentSettings(BaseSettings):
    """Immutable once read."""

    model_config = SettingsConfigDict(
        env_prefix="TWEETSIEVE_SENTIMENT_",
        env_file=PROJECT_ROOT / ".env",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        allow_inf_nan=False,
    )

    topic: str = Field(
        "sentiment_messages", pattern=r"^[A-Za-z0-9._-]{1,249}$", description="Topic of the messages."
    )

    # The scoring services
    a_port: Port = Field(8541, description="Port of the service of version A.")
    b_port: Port = Field(8542, description="Port of the service of version B.")
    a_url: str = Field(
        "", pattern=r"^(https?://.+)?$", description="Base URL of version A; empty: the embedded service."
    )
    b_url: str = Field(
        "", pattern=r"^(https?://.+)?$", description="Base URL of version B; empty: the embedded service."
    )
    processes: int = Field(
        1, ge=1, le=64, description="Processes of one service, which share its port: it lives while one does."
    )
    max_text: int = Field(10_000, ge=1, le=1_000_000, description="Characters of one text.")
    max_batch: int = Field(
        4096, ge=TEXTS_PER_REQUEST, le=100_000, description="Texts in one request of a batch."
    )
    max_body_bytes: int = Field(
        16_777_216, ge=1_048_576, le=1_073_741_824, description="Bytes of a request's body."
    )

    # Which messages a person is to see
    min_compound: float = Field(
        0.8, ge=LEAST_COMPOUND, le=1, description="|compound| from which a message is put before a person."
    )
    min_neg: float = Field(0.5, ge=LEAST_NEG, le=1, description="The same, of neg.")

    # What has to be shown before all messages go to version B
    evidence_rows: int = Field(
        2_000, ge=100, le=100_000, description="Latest messages that both versions are compared on."
    )
    evidence_least: int = Field(
        200, ge=1, le=100_000, description="Messages that the version must have scored in the stream."
    )
    min_agreement: float = Field(
        0.9, ge=0, le=1, description="Share of them that both call the same: negative, neutral or positive."
    )
    max_shift: float = Field(
        0.1, ge=0, le=1, description="Largest distance between the distributions of compound (of 1)."
    )
    max_slowdown: float = Field(
        2.0, gt=0, le=1_000, description="The version's p95 latency, as a multiple of the other's."
    )
    max_loss: float = Field(
        0.03, ge=0, le=2, description="How far its correlation with people may lie below the other's."
    )
    ratings: Path | None = Field(
        None,
        description="Texts that people rated, tab-separated with the columns mean_rating and text; "
        "what people rated on the page counts too.",
    )

    @model_validator(mode="after")
    def _comparable(self) -> Self:
        if self.a_port == self.b_port:
            raise ValueError(
                "TWEETSIEVE_SENTIMENT_A_PORT and TWEETSIEVE_SENTIMENT_B_PORT are the same: give each service "
                "a port of its own"
            )
        if self.evidence_least > self.evidence_rows:
            raise ValueError(
                "TWEETSIEVE_SENTIMENT_EVIDENCE_LEAST is more than TWEETSIEVE_SENTIMENT_EVIDENCE_ROWS: no "
                "evidence could ever be enough"
            )
        return self

    def port(self, version: Version) -> int:
        """Where the embedded service of a version listens."""
        return self.a_port if version == "a" else self.b_port

    def url(self, version: Version, settings: Settings) -> str:
        """Base URL of a version's service, without a trailing slash."""
        given = self.a_url if version == "a" else self.b_url
        return (given or f"http://{settings.host}:{self.port(version)}").rstrip("/")

    def embedded(self, version: Version) -> bool:
        """Whether the version's service is the stack's own."""
        return not (self.a_url if version == "a" else self.b_url)


@lru_cache(maxsize=1)
def sentiment_settings() -> SentimentSettings:
    """Read the settings, once per process.

    Raises:
        SettingsError: naming each refused setting and what it allows.
    """
    return read_settings(SentimentSettings)

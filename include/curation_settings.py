"""The settings of the page To repost: part of :class:`include.settings.Settings`."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings


class CurationSettings(BaseSettings):
    """How cards are ranked, and how long one belongs to somebody."""

    repost_half_life_hours: float = Field(
        12, gt=0, le=100_000, description="A card's rank halves whenever its post is so much older."
    )
    repost_again_factor: float = Field(
        0.5,
        gt=0,
        le=1,
        description="The rank of a card is multiplied by it for each repost of its site within the days of"
        " novelty; 1: it does not matter.",
    )
    repost_novelty_days: float = Field(
        7,
        ge=0,
        le=365,
        description="For so long a repost counts against its site, and a text does not return.",
    )
    repost_lease_seconds: float = Field(
        90, ge=5, le=3_600, description="For so long a card that somebody looks at is shown to nobody else."
    )

    repost_platform: Literal["", "x"] = Field(
        "",
        description="Where the key Repost reposts by itself: x, with the four credentials below. Empty: it"
        " opens the platform's own page, and a person reposts there.",
    )
    repost_dry_run: bool = Field(
        True, description="With a platform: send nothing, and record what would have been sent."
    )
    repost_per_hour: int = Field(
        10, ge=1, le=1_000, description="Reposts that are sent within an hour, at most."
    )
    x_consumer_key: SecretStr = Field(SecretStr(""), description="API key of an app of X that may write.")
    x_consumer_secret: SecretStr = Field(SecretStr(""), description="Its secret.")
    x_access_token: SecretStr = Field(
        SecretStr(""), description="Access token of the account that reposts, which begins with its id."
    )
    x_access_secret: SecretStr = Field(SecretStr(""), description="Its secret.")

    @model_validator(mode="after")
    def _credentials_with_the_platform(self) -> Self:
        """Half of them would be found out by the first repost."""
        names = ("x_consumer_key", "x_consumer_secret", "x_access_token", "x_access_secret")
        missing = [
            f"TWEETSIEVE_{name.upper()}" for name in names if not getattr(self, name).get_secret_value()
        ]
        if self.repost_platform == "x" and missing:
            raise ValueError(
                f"TWEETSIEVE_REPOST_PLATFORM=x needs {', '.join(missing)}; leave it empty to repost by hand"
            )
        return self

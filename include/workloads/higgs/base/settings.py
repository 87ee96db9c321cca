"""The workload's settings: what each may be, and an error that says so before anything starts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from include.errors import UserError
from include.settings import PROJECT_ROOT

PREFIX = "TWEETSIEVE_HIGGS_"


class HiggsSettings(BaseSettings):
    """Read from ``TWEETSIEVE_HIGGS_<FIELD>``, or from ``.env``; by :func:`higgs_settings` alone."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=PROJECT_ROOT / ".env", extra="ignore", frozen=True, allow_inf_nan=False
    )

    topic: str = Field(
        "Machine_Learning",
        pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,200}$",
        description="Kafka topic of the events: up to 201 letters, digits, dots, underscores and hyphens.",
    )
    model_name: str = Field(
        "higgs_mlp",
        pattern=r"^[a-z][a-z0-9_]{0,62}$",
        description="Name of the served model: lower-case letters, digits and underscores.",
    )
    keep_probability: float = Field(
        0.55,
        gt=0.0,
        le=1.0,
        description="A model that is trained keeps the first class with this probability or more: above 0,"
        " up to 1.",
    )
    results: Path | None = Field(
        None, description="Folder of the parquet files; default <state>/results/higgs."
    )


class HiggsSettingsError(UserError):
    """A setting of this workload is refused."""


def higgs_settings() -> HiggsSettings:
    """Read the settings.

    Raises:
        HiggsSettingsError: naming each key that is refused or unknown, with what is allowed.
    """
    known = {f"{PREFIX}{name}".upper(): field for name, field in HiggsSettings.model_fields.items()}
    faults = [
        f"{key} is no setting; there are: {', '.join(known)}"
        for key in sorted(os.environ)
        if key.upper().startswith(PREFIX) and key.upper() not in known
    ]
    try:
        found = HiggsSettings()
    except ValidationError as refused:
        faults += [_fault(one, known) for one in refused.errors()]
    if faults:
        raise HiggsSettingsError("; ".join(faults) + "; correct it in the environment or in .env")
    return found


def _fault(error: Any, known: dict[str, Any]) -> str:
    key = f"{PREFIX}{'_'.join(map(str, error['loc']))}".upper()
    return f"{key} is {error['input']!r}, but: {known[key].description}"

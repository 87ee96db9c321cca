"""Settings that keep somebody else's input within bounds: part of :class:`include.settings.Settings`."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings


class BoundsSettings(BaseSettings):
    """Where runs of DAGs may read and write, and what an import on the tagger may take."""

    input_folders: str = Field(
        "",
        description="Folders with dumps and labels that runs of DAGs may read, separated by colons, besides"
        " <state>/inputs and <state>/exports.",
    )
    export_folders: str = Field(
        "",
        description="Folders that export_dataset may write to, separated by colons, besides <state>/exports.",
    )
    import_mb: int = Field(
        50,
        ge=1,
        le=2_000,
        description="The largest file of labels that the tagger takes, in MB (10^6 bytes).",
    )
    import_memory_mb: int = Field(
        1_000, ge=100, le=100_000, description="Memory that an import on the tagger may use, in MB."
    )
    import_seconds: int = Field(
        600, ge=1, le=86_400, description="How long an import on the tagger may take."
    )

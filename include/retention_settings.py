"""The settings of what is kept for how long: part of :class:`include.settings.Settings`."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo
from pydantic_settings import BaseSettings

LONGEST_DAYS = 36_500


def _kept_days(days: int, info: ValidationInfo) -> int:
    if not 0 <= days <= LONGEST_DAYS:
        raise ValueError(
            f"TWEETSIEVE_{(info.field_name or '').upper()} is {days}: give a number of days from 1 to"
            f" {LONGEST_DAYS}, or 0 to keep them for ever"
        )
    return days


Days = Annotated[int, AfterValidator(_kept_days)]
"""Whole days; 0: for ever."""


class RetentionSettings(BaseSettings):
    """Days after which the DAG ``keep_house`` deletes a thing; 0: never."""

    keep_house_schedule: str = Field(
        "45 3 * * *",
        pattern=r"^\s*(\S+(\s+\S+){4}\s*)?$",
        description="When the DAG keep_house runs, as cron writes it, in UTC; empty: on demand only.",
    )
    forget_schedule: str = Field(
        "20 */6 * * *",
        pattern=r"^\s*(\S+(\s+\S+){4}\s*)?$",
        description="When the DAG forget_posts carries out deletion notices, as cron writes it, in UTC;"
        " empty: on demand only.",
    )
    forget_folders: str = Field(
        "",
        description="Folders beside the state folder that hold posts as well (dumps, label files, exports),"
        " separated by colons; forget_posts looks through them.",
    )
    forgotten_topic: str = Field(
        "tweets_forgotten",
        description="Kafka topic of deletion notices and of what is forgotten: ids, no text; compacted.",
    )
    keep_progress_days: Days = Field(7, description="Rows of stream_progress, by when they were written.")
    keep_commits_days: Days = Field(7, description="Rows of stream_commit, by when they were written.")
    keep_posts_days: Days = Field(365, description="Rows of the streams' result tables, by arrived_at.")
    keep_links_days: Days = Field(365, description="Rows of links, by when a link was last seen.")
    keep_dead_letters_days: Days = Field(
        90, description="Dead letters of the streams that were never resolved, by when they were written."
    )
    keep_replayed_days: Days = Field(30, description="Resolved dead letters, by when they were resolved.")
    keep_incidents_days: Days = Field(90, description="Closed incidents and restarts of the streams.")
    keep_rollouts_days: Days = Field(90, description="Workers' notes of rollouts that have ended.")
    keep_airflow_days: Days = Field(30, description="Airflow's finished runs and its audit log.")
    keep_airflow_logs_days: Days = Field(30, description="Files of Airflow's logs, by their last change.")
    keep_aside_days: Days = Field(30, description="Checkpoints that a stream has put aside.")
    keep_leftovers_days: Days = Field(
        2, description="Unfinished files and folders of killed tasks, by their last change."
    )

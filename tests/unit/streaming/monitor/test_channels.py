"""Which channels the settings name."""

from __future__ import annotations

from include.settings import Settings
from include.streaming.monitor.channels import channels_of


def test_the_log_alone_is_the_default() -> None:
    assert [channel.name for channel in channels_of(Settings(_env_file=None))] == ["log"]


def test_webhook_and_mail_are_added_where_they_are_named_and_stay_secret() -> None:
    more = Settings(_env_file=None, alert_webhook="https://hooks.example/T0", alert_email_to="a@b.c")
    assert [channel.name for channel in channels_of(more)] == ["log", "webhook", "email"]
    assert "hooks.example" not in repr(more) + repr(channels_of(more))

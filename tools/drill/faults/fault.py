"""What a fault is: something that breaks a stream under load."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tools.drill.testbed.testbed import DrillTestbed

Fault = Callable[[DrillTestbed, float], dict[str, Any]]
"""Gets the testbed under load and how long an outage lasts, in seconds; returns figures for the report.

It breaks something while a batch is at work, and repairs what needs a person. The caller waits afterwards
until everything that was sent is committed.
"""

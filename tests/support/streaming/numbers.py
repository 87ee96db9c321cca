"""Messages of the workload in tests/support/workloads/numbers."""

from __future__ import annotations

import json


def pairs(first: int, count: int) -> list[tuple[str, bytes]]:
    """Pairs of numbers from ``first`` on; of a hundred, one is cut off and one has a 0 to divide by."""
    return [(str(number), pair(number)) for number in range(first, first + count)]


def pair(number: int) -> bytes:
    if number % 100 == 7:
        return b'{"a": 1'
    return json.dumps({"a": number, "b": 0 if number % 100 == 8 else 2}).encode()

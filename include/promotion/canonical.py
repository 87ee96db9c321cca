"""The one text of a piece of evidence, and the hash that it is filed under."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def canonical(evidence: dict[str, Any]) -> bytes:
    """The one text of a JSON object: keys sorted, no spaces, ASCII.

    >>> canonical({"b": 1, "a": [0.5, None]})
    b'{"a":[0.5,null],"b":1}'
    """
    return json.dumps(evidence, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def evidence_hash(evidence: dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(evidence)).hexdigest()

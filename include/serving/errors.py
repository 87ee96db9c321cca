"""How asking a model server fails."""

from __future__ import annotations


class ServingError(RuntimeError):
    """The server answered, but not with what was asked for; ``status`` is the HTTP status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class ServingUnavailable(RuntimeError):
    """No answer from the server; the message names its address."""

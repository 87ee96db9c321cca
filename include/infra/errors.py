"""The error of the embedded stack, with a message that a person can act on."""

from __future__ import annotations

from include.errors import UserError


class StackError(UserError):
    """The embedded stack can't do what was asked; the message tells why and what to do next."""

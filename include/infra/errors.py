"""What goes wrong with the embedded stack, said so that one can act on it."""

from __future__ import annotations

from include.errors import UserError


class StackError(UserError):
    """The embedded stack can't do as asked; the message says why and what to do next."""

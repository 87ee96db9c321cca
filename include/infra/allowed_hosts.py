"""Which host names a request may ask for: what keeps DNS rebinding out of servers that need no log-in.

A page of somebody else's can make its own name point to this machine. To the browser that page and our server
then are one site: the page reads all that is served here and presses its keys. Address and ``Origin`` look
right; only the name that the browser asked for, the header ``Host``, is none of ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self

from include.settings import Settings

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
SETTING = "TWEETSIEVE_ALLOWED_HOSTS"
REFUSED = HTTPStatus.MISDIRECTED_REQUEST
"""RFC 9110, section 15.5.20: the server does not answer for the name that was asked for."""
TEXT_HEADERS = {
    "Content-Type": "text/plain; charset=utf-8",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
LONGEST_SHOWN = 100
_HOST = re.compile(r"(?P<name>\[[^\[\]]*\]|[^:]*)(?::[0-9]*)?")


@dataclass(frozen=True)
class AllowedHosts:
    """The names under which a server answers, with any port; in lower case, IPv6 addresses in brackets."""

    names: frozenset[str]

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Loopback names, the address that the servers are bound to, and what the setting adds."""
        return cls.listed(settings.allowed_hosts, settings.host)

    @classmethod
    def listed(cls, names: str, bound_to: str) -> Self:
        """The same, of names separated by commas.

        >>> sorted(AllowedHosts.listed("tagger.example.org,", "0.0.0.0").names)
        ['0.0.0.0', '127.0.0.1', '[::1]', 'localhost', 'tagger.example.org']
        """
        bound = f"[{bound_to}]" if ":" in bound_to else bound_to
        found = (name.strip().lower() for name in (*LOOPBACK, bound, *names.split(",")))
        return cls(frozenset(name for name in found if name))

    def refusal(self, given: Sequence[str]) -> str | None:
        """Why a request is refused, for the person who sees it; None if it is not.

        Args:
            given: the values of its headers ``Host``, of which HTTP allows one.

        >>> hosts = AllowedHosts.listed("", "127.0.0.1")
        >>> hosts.refusal(["LocalHost:8511"]), hosts.refusal(["[::1]:8511"])
        (None, None)
        >>> hosts.refusal(["evil.example:8511"])[:40]
        "Refused: 'evil.example:8511' is none of "
        """
        match = _HOST.fullmatch(given[0].lower()) if len(given) == 1 else None
        if match is not None and match["name"].removesuffix(".") in self.names:
            return None
        shown = ascii(", ".join(given)[:LONGEST_SHOWN])
        return (
            f"Refused: {shown} is none of the host names under which this server answers. A page elsewhere"
            " could use such a name to read what is here and to act in your name (DNS rebinding). If the name"
            f" is one of your own, add it to the setting {SETTING} and start the server again; on the machine"
            " itself, the name localhost works.\n"
        )


Application = Callable[..., Iterable[bytes]]
"""A WSGI application (PEP 3333)."""


def only_asked_for(hosts: AllowedHosts, app: Application) -> Application:
    """A WSGI application that refuses other host names in place of ``app``."""

    def checked(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if (refused := hosts.refusal([environ.get("HTTP_HOST", "")])) is None:
            return app(environ, start_response)
        start_response(f"{REFUSED.value} {REFUSED.phrase}", list(TEXT_HEADERS.items()))
        return [refused.encode()]

    return checked

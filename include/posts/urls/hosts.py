"""Host names in the form in which browsers send them."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import unquote

import idna

_is_name = re.compile(
    r"(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})"
).fullmatch
_is_plain = re.compile("[a-z0-9_.-]*").fullmatch
_PUNYCODE = "xn--"


def ascii_host(host: str) -> str:
    """A host as browsers send it, in ASCII and lower case; an IPv6 address without its brackets.

    International names are mapped by UTS #46, non-transitionally, and each label then by Punycode. The checks
    of IDNA 2008 itself are left out, as in browsers (WHATWG URL standard): they refuse the symbols of domains
    that exist, such as ``i❤.ws``.

    >>> ascii_host("ＦＡß。example."), ascii_host("2001:DB8:0::1")
    ('xn--fa-hia.example', '2001:db8::1')

    Raises:
        ValueError: a character that no host name may contain, or Punycode that says nothing.
    """
    host = host.lower()
    if "%" in host:
        host = unquote(host, errors="strict").lower()
    if _is_plain(host) and _PUNYCODE not in host:
        return host.rstrip(".")
    if ":" in host:
        return str(IPv6Address(host.partition("%")[0]))
    labels = [_mapped(label) for label in idna.uts46_remap(host, std3_rules=False).split(".")]
    return ".".join(labels).rstrip(".")


def is_public_name(host: str) -> bool:
    """Whether a host in ASCII is a name below a top-level domain, or an address.

    >>> is_public_name("a.example"), is_public_name("93.184.216.34"), is_public_name("localhost")
    (True, True, False)
    """
    if _is_name(host):
        return True
    try:
        return bool(IPv6Address(host) if ":" in host else IPv4Address(host))
    except AddressValueError:
        return False


def _mapped(label: str) -> str:
    """A label in Punycode where it needs it."""
    if label.startswith(_PUNYCODE):
        meant = label[len(_PUNYCODE) :].encode("ascii").decode("punycode") if len(label) < 64 else ""
        if not meant or meant.isascii() or idna.uts46_remap(meant, std3_rules=False) != meant:
            raise ValueError(f"{label!r} is no international label")
        return label
    if label.isascii():
        return label
    return _PUNYCODE + label.encode("punycode").decode("ascii")

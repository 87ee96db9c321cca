"""Java's property files, escaped so that ``java.util.Properties`` reads back what was written.

Source: https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/util/Properties.html#load(java.io.Reader)
"""

from __future__ import annotations

from collections.abc import Mapping

_NAMED = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\f": "\\f"}


def as_properties(values: Mapping[str, str]) -> str:
    """The file's text, ASCII alone: Java reads such a file as ISO-8859-1.

    >>> as_properties({"log.dirs": "/home/jürgen/a b"})
    'log.dirs=/home/j\\\\u00fcrgen/a b\\n'
    """
    return "".join(f"{_escaped_key(key)}={escaped(value)}\n" for key, value in values.items())


def escaped(value: str) -> str:
    r"""A value as it stands in the file.

    >>> escaped(" a\\b"), escaped("#1!")
    ('\\ a\\\\b', '#1!')
    """
    kept = "".join(map(_character, value))
    return f"\\{kept}" if kept.startswith(" ") else kept  # spaces before a value are passed over


def _escaped_key(key: str) -> str:
    return "".join(f"\\{one}" if one in " =:#!" else _character(one) for one in key)


def _character(one: str) -> str:
    if one in _NAMED:
        return _NAMED[one]
    if " " <= one <= "~":
        return one
    units = one.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))

"""Params that mean the same at every door: the form, the REST API, the command line and a backfill."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.sdk import Param

from include.errors import UserError

if TYPE_CHECKING:
    from include.infra.input_files.confined import ConfinedPath

STRICT: dict[str, Any] = {"$schema": "http://json-schema.org/draft-04/schema#"}
"""From draft 6 on, JSON Schema counts 3.0 as an integer; draft 4 does not, so that it is refused when a run
is asked for, and not by a task. https://json-schema.org/draft-06/json-schema-release-notes
"""

NO_CONTROL_CHARACTERS = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ud800-\udfff]*$"
"""Text that PostgreSQL and UTF-8 can hold, and a log can show: no NUL, no half of a surrogate pair."""

LONGEST_TEXT = 500
LONGEST_PATH = 4096


def integer_param(
    default: int | None, description: str, *, minimum: int, maximum: int, title: str | None = None
) -> Param:
    """An integer within bounds; with None as its default it may be left empty."""
    schema = {
        "type": "integer" if default is not None else ["null", "integer"],
        "minimum": minimum,
        "maximum": maximum,
        **({"title": title} if title else {}),
        **STRICT,
    }
    return Param(default, description, schema=schema)


def text_param(description: str, *, longest: int = LONGEST_TEXT, **schema: Any) -> Param:
    """A text that may be left empty; read it by :func:`text_of`."""
    return Param(
        None,
        description,
        type=["null", "string"],
        maxLength=longest,
        pattern=NO_CONTROL_CHARACTERS,
        **schema,
    )


def choice_param(default: str, choices: Sequence[str], description: str) -> Param:
    """One of some words; the form can't be sent without one."""
    return Param(default, description, type="string", enum=list(choices))


def name_param(default: str, description: str, **schema: Any) -> Param:
    """A name of something that is looked up when the run starts, as of a workload."""
    return Param(default, description, type="string", pattern=r"^[A-Za-z0-9_-]{1,100}$", **schema)


def path_param(description: str) -> Param:
    """A path that may be left empty; read it by :func:`input_of` or :func:`folder_of`."""
    return text_param(description, longest=LONGEST_PATH)


def text_of(value: str | None) -> str | None:
    """A text as it was meant: a form that is left empty gives an empty text, which is none.

    >>> text_of("  a reason "), text_of(" "), text_of(None)
    ('a reason', None, None)
    """
    return (value or "").strip() or None


def input_of(value: str | None, name: str) -> str | ConfinedPath | None:
    """A path or URL as it was meant, of something that is there and that runs may read.

    >>> input_of(" /etc/passwd ", "golden")
    Traceback (most recent call last):
        ...
    include.errors.UserError: golden: '/etc/passwd' is outside of the folders that runs may read: ...

    Raises:
        UserError: naming the Param, the path, and what may be read.
    """
    from include.infra.input_files.allowed import allowed_input
    from include.infra.input_files.location import require_there
    from include.settings import get_settings

    if (path := text_of(value)) is None:
        return None
    allowed = allowed_input(path, name, get_settings())
    try:
        require_there(allowed)
    except UserError as error:
        raise UserError(f"{name}: {error}") from None
    return allowed


def folder_of(value: str | None, name: str) -> str | None:
    """A folder as it was meant, that runs may write to.

    Raises:
        UserError: naming the Param, the path, and what may be written to.
    """
    from include.infra.input_files.allowed import allowed_output
    from include.settings import get_settings

    path = text_of(value)
    return None if path is None else str(allowed_output(path, name, get_settings()))

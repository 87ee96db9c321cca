"""The types of Postgres' columns for those of Arrow's."""

from __future__ import annotations

import pyarrow as pa

from include.streaming.results import BadWorkload

_NAMES = {
    pa.string(): "text",
    pa.binary(): "bytea",
    pa.bool_(): "boolean",
    pa.int16(): "smallint",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.float32(): "real",
    pa.float64(): "double precision",
    pa.date32(): "date",
    pa.timestamp("us", "UTC"): "timestamptz",
}


def postgres_type(field: pa.Field) -> str:
    """The column type for a field.

    >>> postgres_type(pa.field("scores", pa.list_(pa.float64(), 2)))
    'double precision[]'

    Raises:
        BadWorkload: there is none; lists those there are.
    """
    if pa.types.is_list(field.type) or pa.types.is_fixed_size_list(field.type):
        element = field.type.value_type
        if element in _NAMES and not pa.types.is_temporal(element) and element != pa.binary():
            return f"{_NAMES[element]}[]"
    elif field.type in _NAMES:
        return _NAMES[field.type]
    known = ", ".join(map(str, _NAMES))
    raise BadWorkload(
        f"results field {field.name!r} of type {field.type} can't be written to Postgres: take one of "
        f"{known}, or a list of text, booleans or numbers"
    )

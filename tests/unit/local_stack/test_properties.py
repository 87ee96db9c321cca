"""Property files as Java reads them: by the rules of its documentation."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from include.local_stack.properties import escaped


def unescaped(text: str) -> str:
    """What Java makes of a value: section "Properties.load" of its documentation."""
    units, rest = [], iter(text.lstrip(" \t\f"))
    for one in rest:
        if one != "\\":
            units.append(one)
        elif (named := next(rest)) == "u":
            units.append(chr(int("".join(next(rest) for _ in range(4)), 16)))
        else:
            units.append({"t": "\t", "n": "\n", "r": "\r", "f": "\f"}.get(named, named))
    return "".join(units).encode("utf-16", "surrogatepass").decode("utf-16")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_value_comes_back_and_stays_on_its_line(value: str) -> None:
    text = escaped(value)
    assert unescaped(text) == value
    assert text.isascii()
    assert "\n" not in text
    assert "\r" not in text

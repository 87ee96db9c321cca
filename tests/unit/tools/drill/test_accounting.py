"""The drill's verdict."""

from __future__ import annotations

from typing import Any

import pytest

from tools.drill.accounting import Account

RIGHT: dict[str, Any] = {
    "positions": 10, "sent": 10, "scored": 9, "dead_letters": 1, "lost": 0, "missing": 0,
    "doubled": 0, "wrongly_dead": 0,
}  # fmt: skip


@pytest.mark.parametrize("wrong", [{}, {"missing": 1}, {"doubled": 1}, {"wrongly_dead": 1}])
def test_one_wrong_figure_is_enough(wrong: dict[str, int]) -> None:
    assert Account(**{**RIGHT, **wrong}).right == (not wrong)
    assert not Account(**{**RIGHT, "positions": 11}).right


@pytest.mark.parametrize(("dead", "right"), [(0, True), (-3, True), (-4, False), (1, False)])
def test_as_many_dead_letters_may_be_missing_as_messages_were_lost(dead: int, right: bool) -> None:
    assert Account(**{**RIGHT, "lost": 3, "wrongly_dead": dead}).right == right


@pytest.mark.parametrize(("rows", "right"), [(0, True), (1, False)])
def test_the_workloads_own_checks_count(rows: int, right: bool) -> None:
    account = Account(**RIGHT, checks={"wrong_links": rows})
    assert account.right == right
    assert account.as_json() == {**RIGHT, "wrong_links": rows, "right": right}

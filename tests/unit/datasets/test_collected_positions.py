from __future__ import annotations

import json
import random

from include.datasets.collected_positions import Positions, Spans, take


def _spans(chance: random.Random) -> Spans:
    starts = [chance.randrange(50) for _ in range(chance.randrange(1, 6))]
    return {p: (start, start + chance.choice([0, 1, 7, 40])) for p, start in enumerate(starts)}


def test_take_fills_the_quota_from_the_start_of_each_partition() -> None:
    chance = random.Random(1)
    for _ in range(300):
        spans, wanted = _spans(chance), chance.randrange(100)
        taken = take(spans, wanted)
        lengths = {p: end - start for p, (start, end) in taken.items()}
        available = sum(end - start for start, end in spans.values())
        assert sum(lengths.values()) == min(wanted, available)
        assert all(taken[p][0] == spans[p][0] and taken[p][1] <= spans[p][1] for p in spans)
        cut = [lengths[p] for p in spans if taken[p] != spans[p]]
        assert not cut or max(lengths.values()) - min(cut) <= 1  # as even as lengths allow


def test_rounds_never_take_a_position_twice() -> None:
    positions = Positions({"ai": {0: (5, 9), 1: (0, 20)}, "mix": {0: (3, 3)}})
    first, rest = positions.take({"ai": 7, "mix": 7})
    second, rest = rest.take({"ai": 100, "mix": 1})
    assert first.count() + second.count() == positions.count()
    assert rest.count() == 0
    assert all(first.topics["ai"][p][1] == second.topics["ai"][p][0] for p in (0, 1))


def test_a_topic_nobody_wants_is_left_alone() -> None:
    taken, rest = Positions({"other": {0: (0, 10)}}).take({"ai": 5})
    assert (taken.count(), rest.count()) == (0, 10)


def test_spark_options() -> None:
    positions = Positions({"a": {1: (4, 6), 0: (2, 9)}})
    assert json.loads(positions.partitions()) == {"a": [0, 1]}
    assert json.loads(positions.starts()) == {"a": {"0": 2, "1": 4}}

"""Connected components against a search that walks from node to node."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from include.datasets.dedup.components import _in_one_task, components_of

NODES = st.one_of(st.integers(-5, 5), st.sampled_from([-(2**63), 2**63 - 1, 0]))
EDGES = st.lists(st.tuples(NODES, NODES), max_size=30)


def by_search(edges: list[tuple[int, int]]) -> dict[int, int]:
    """The smallest node that can be reached from each."""
    near: dict[int, set[int]] = {}
    for a, b in edges:
        near.setdefault(a, set()).add(b)
        near.setdefault(b, set()).add(a)
    found = {}
    for node in near:
        reached, ahead = {node}, [node]
        while ahead:
            new = near[ahead.pop()] - reached
            reached |= new
            ahead += new
        found[node] = min(reached)
    return found


@given(EDGES)
def test_components_are_what_can_be_reached(edges: list[tuple[int, int]]) -> None:
    a, b = (np.array(side, dtype=np.int64) for side in (zip(*edges, strict=True) if edges else ((), ())))
    nodes, components = components_of(a, b)
    assert nodes.dtype == components.dtype == np.int64
    assert dict(zip(nodes.tolist(), components.tolist(), strict=True)) == by_search(edges)


def test_a_long_chain_is_one_component() -> None:
    chain = np.arange(100_000, dtype=np.int64)
    _, components = components_of(chain[1:], chain[:-1])
    assert not components.any()


def test_a_task_reads_all_batches_and_none() -> None:
    schema = pa.schema([("a", pa.int64()), ("b", pa.int64())])
    batches = [pa.RecordBatch.from_pylist([{"a": 1, "b": 2}], schema), pa.RecordBatch.from_pylist([], schema)]
    more = pa.RecordBatch.from_pylist([{"a": 3, "b": 2}, {"a": 8, "b": 9}], schema)
    found = pa.Table.from_batches(_in_one_task([*batches, more])).to_pylist()
    assert {row["node"]: row["component"] for row in found} == {1: 1, 2: 1, 3: 1, 8: 8, 9: 8}
    assert sum(batch.num_rows for batch in _in_one_task([])) == 0

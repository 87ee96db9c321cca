"""Connected components of the graph of near-duplicates.

All edges go to one Spark task, which finds the components with scipy in linear time and some 140 bytes per
node (``docs/decisions/0015-components-in-one-task.md``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

ROWS_PER_BATCH = 100_000


def connected_components(edges: DataFrame) -> DataFrame:
    """The component of every node that has an edge, named by its smallest node.

    Args:
        edges: columns ``a`` and ``b`` (bigint), in any order, repeated or not; an edge from a node to itself
            is ignored.

    Returns:
        Columns ``node`` and ``component``, one row per node.
    """
    pairs = edges.select("a", "b").where("a <> b").repartition(1)
    return pairs.mapInArrow(_in_one_task, "node long, component long")


def components_of(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nodes, ascending, and the smallest node of the component of each: int64[n] both.

    Args:
        a, b: the ends of m edges, int64[m].

    >>> nodes, components = components_of(np.array([5, 2, 9]), np.array([2, 7, 9]))
    >>> nodes.tolist(), components.tolist()
    ([2, 5, 7, 9], [2, 2, 2, 9])
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components as label_components

    nodes, places = np.unique(np.concatenate([a, b]), return_inverse=True)
    ends = (places[: len(a)], places[len(a) :])
    graph = coo_matrix((np.ones(len(a), dtype=bool), ends), shape=(len(nodes), len(nodes)))
    _, labels = label_components(graph, directed=False)
    first = np.unique(labels, return_index=True)[1]
    return nodes, nodes[first][labels]


def _in_one_task(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    arrived = list(batches)
    ends = (
        pa.chunked_array([batch.column(name) for batch in arrived], pa.int64()).to_numpy()
        for name in ("a", "b")  # column by column: whether a column may be null differs from frame to frame
    )
    nodes, components = components_of(*ends)
    yield from pa.table({"node": nodes, "component": components}).to_batches(ROWS_PER_BATCH)

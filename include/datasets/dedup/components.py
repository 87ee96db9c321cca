"""Connected components of a graph too big for one machine."""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

MOST_ROUNDS = 50


def connected_components(edges: DataFrame) -> DataFrame:
    """The component of every node that has an edge, named by its smallest node.

    Alternates "large star" and "small star" (Kiveris et al. 2014, "Connected Components in MapReduce
    and Beyond"): each joins a node's neighbours to the smallest of them, so that a component becomes
    a star around its smallest node in O(log^2 n) rounds, and a chain of any length is no trouble.

    Args:
        edges: columns ``a`` and ``b`` (bigint), in any order, repeated or not.

    Returns:
        Columns ``node`` and ``component``, one row per node.
    """
    edges = _pairs(
        edges.select(F.greatest("a", "b").alias("a"), F.least("a", "b").alias("b"))
    ).localCheckpoint()
    before = None
    for _ in range(MOST_ROUNDS):
        edges = _small_star(_large_star(edges)).localCheckpoint()
        now = edges.agg(F.count("*"), F.sum(F.hash("a", "b").cast("long"))).first()
        if now == before:
            break
        before = now
    else:
        raise RuntimeError(f"connected components did not settle in {MOST_ROUNDS} rounds")
    centres = edges.select(F.col("b").alias("node"), F.col("b").alias("component")).distinct()
    return edges.select(F.col("a").alias("node"), F.col("b").alias("component")).union(centres)


def _large_star(edges: DataFrame) -> DataFrame:
    """Join each node's larger neighbours to the smallest of its neighbours and itself."""
    both = edges.select("a", "b").union(edges.select(F.col("b").alias("a"), F.col("a").alias("b")))
    smallest = F.least(F.col("a"), F.min("b").over(Window.partitionBy("a")))
    return _pairs(
        both.withColumn("m", smallest).where("b > a").select(F.col("b").alias("a"), F.col("m").alias("b"))
    )


def _small_star(edges: DataFrame) -> DataFrame:
    """Join each node, and its smaller neighbours, to the smallest of those."""
    smallest = F.min("b").over(Window.partitionBy("a"))  # every b is smaller than its a
    starred = edges.withColumn("m", smallest)
    neighbours = starred.select(F.col("b").alias("a"), F.col("m").alias("b"))
    return _pairs(neighbours.union(starred.select("a", F.col("m").alias("b"))))


def _pairs(edges: DataFrame) -> DataFrame:
    return edges.where("a <> b").distinct()

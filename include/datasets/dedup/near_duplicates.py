"""Groups of near-duplicate texts, in Spark DataFrames.

Not Spark ML's MinHashLSH: its similarity join pairs all rows of a bucket, and a slogan that thousands copy
with small changes makes a bucket with more pairs than any cluster can hold. Here a row is only compared with
the first of its bucket and with the one before it; pairs that this leaves out are found in their other
buckets, or connected through other texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from include.datasets.dedup.components import connected_components
from include.datasets.dedup.minhash import BANDS, SIMILAR, bands


def near_duplicate_groups(texts: DataFrame) -> DataFrame:
    """The group of every text that has near-duplicates; other texts are not in the result.

    Args:
        texts: columns ``node`` (bigint, made of the hash), ``text_hash`` and ``shingles`` (array of
            bigint), one row per text.

    Returns:
        Columns ``text_hash`` and ``near_duplicate_group``, the smallest hash of the group.
    """
    components = connected_components(_similar(_candidates(texts), texts))
    members = texts.select("node", "text_hash").join(components, "node")
    names = members.groupBy("component").agg(F.min("text_hash").alias("near_duplicate_group"))
    return members.join(names, "component").select("text_hash", "near_duplicate_group")


def _candidates(texts: DataFrame) -> DataFrame:
    """Pairs (a, b) that share a bucket: each text with the first of the bucket, and with the one before."""
    buckets = (
        texts.where(F.size("shingles") > 0)
        .select("node", "shingles")
        .mapInArrow(_banded, "node long, keys array<long>")
        .select("node", F.explode("keys").alias("key"))
    )
    bucket = Window.partitionBy("key").orderBy("node")
    others = F.array(F.min("node").over(bucket), F.lag("node").over(bucket))
    pairs = buckets.select(F.col("node").alias("b"), others.alias("others"))
    return pairs.select(F.explode("others").alias("a"), "b").where("a < b").distinct()


def _banded(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        if not batch.num_rows:
            continue
        sets = batch.column("shingles")
        starts = sets.offsets.to_numpy()[:-1] - sets.offsets[0].as_py()
        keys = bands(sets.flatten().to_numpy(zero_copy_only=False), starts)
        ends = np.arange(0, (len(keys) + 1) * BANDS, BANDS, dtype=np.int32)
        lists = pa.ListArray.from_arrays(pa.array(ends), pa.array(keys.ravel()))
        yield pa.RecordBatch.from_arrays([batch.column("node"), lists], ["node", "keys"])


def _similar(pairs: DataFrame, texts: DataFrame) -> DataFrame:
    """The pairs whose sets of shingles have a Jaccard similarity of at least ``SIMILAR``."""
    sets = texts.where(F.size("shingles") > 0)
    left = sets.select(F.col("node").alias("a"), F.col("shingles").alias("left"))
    right = sets.select(F.col("node").alias("b"), F.col("shingles").alias("right"))
    both = F.size(F.array_intersect("left", "right"))
    either = F.size("left") + F.size("right") - both
    return pairs.join(left, "a").join(right, "b").where(both >= SIMILAR * either).select("a", "b")

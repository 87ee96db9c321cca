"""The benchmark suite: ``make bench``; see docs/benchmark.md."""

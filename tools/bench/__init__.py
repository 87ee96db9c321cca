"""The benchmark suite: ``make bench``; see tools/bench/README.md."""

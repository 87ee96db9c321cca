"""Spark: its Java, its jars, sessions and reading Postgres's tables."""

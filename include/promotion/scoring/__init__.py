"""Answers of candidate and champion on the same rows, by the same server."""

"""Answers of candidate and champion to the same rows, from the same server."""

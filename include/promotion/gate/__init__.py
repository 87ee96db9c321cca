"""The checks that a candidate has to pass."""

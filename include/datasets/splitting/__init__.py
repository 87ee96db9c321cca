"""A version divided into test, dev and training tables."""

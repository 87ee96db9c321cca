"""The fault drill: the stream on real servers of its own, under load, while what it needs is broken."""

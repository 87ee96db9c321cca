"""Generated posts whose true label is known."""

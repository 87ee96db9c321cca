"""Scorers: what gives a batch of texts its probabilities. One module each, one interface."""

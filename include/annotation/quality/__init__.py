"""Agreement between annotators, estimates from their labels, and their progress."""

"""Values that every form of payload has: JSON itself, ids, times."""

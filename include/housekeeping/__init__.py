"""Deleting what is older than its limit, so that nothing grows without end."""

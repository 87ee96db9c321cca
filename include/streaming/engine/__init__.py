"""The streaming application itself: query, task, commit."""

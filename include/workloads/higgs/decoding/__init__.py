"""From messages to events."""

"""What a stream remembers: positions, lease, progress, desired state."""

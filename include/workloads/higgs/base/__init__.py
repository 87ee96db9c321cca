"""What every part of the workload knows: the event, and the settings."""

"""What every part of the workload knows: the row, and the settings."""

"""What every other part of the workload needs: its settings."""

"""What is measured before all messages go to one version: agreement, shift, latency, people's ratings."""

"""What ``make demo`` does: the main job end to end, or another workload's own demo, on the local stack."""

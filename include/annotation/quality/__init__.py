"""How good the labels are: agreement between annotators, estimates of labellers, progress."""

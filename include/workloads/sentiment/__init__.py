"""The workload ``sentiment``: how emotional messages are, by two versions of VADER behind HTTP."""

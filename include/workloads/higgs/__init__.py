"""The workload of physics events: which of them look like a Higgs boson's decay, at a high rate."""

"""Workloads of the streaming engine, one folder each."""

"""Sinks: where results go. One module each, one interface."""

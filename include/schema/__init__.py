"""Every table: those of a dataset version, and the shared ones, a module per concern."""

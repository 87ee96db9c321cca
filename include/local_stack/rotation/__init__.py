"""New secrets for a stack, running or not, in place of those it has."""

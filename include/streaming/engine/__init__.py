"""What happens to a batch, from its messages to its commit; ``spark`` runs it."""

"""What is kept of promotions: scorings, evidence, and the append-only ledger."""

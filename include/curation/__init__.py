"""What curators see and do: cards of things worth sharing, ranked, decided on one key each."""

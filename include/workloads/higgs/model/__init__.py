"""The model: its network, how it is trained and stored, and how promotion judges it."""

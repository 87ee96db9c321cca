"""What is to go, and how it is known where it stands."""

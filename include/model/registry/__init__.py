"""The store of trained model versions, and what is recorded about each."""

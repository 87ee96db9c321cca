"""Rows: made-up ones, those of a CSV file, and the messages that carry them."""

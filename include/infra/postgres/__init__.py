"""Postgres: connections, and fast ways to copy rows in."""

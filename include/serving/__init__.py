"""The model server's REST contract: its configuration, a client, and a local server that keeps it."""

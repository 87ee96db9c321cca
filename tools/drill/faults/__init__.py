"""What a drill breaks: servers and processes, and the positions that a stream goes on from."""

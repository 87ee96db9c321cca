"""A server with X's stream API that replays posts."""

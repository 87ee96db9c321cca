"""A server that speaks X's stream API and replays posts."""

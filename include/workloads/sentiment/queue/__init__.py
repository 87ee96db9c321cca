"""Emotional messages, for people who take, answer or release them."""

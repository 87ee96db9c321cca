"""X's filtered stream, by tweepy."""

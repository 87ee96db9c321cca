"""Kafka: topics and offsets."""

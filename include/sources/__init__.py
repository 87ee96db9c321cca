"""Where posts come from, and their way into Kafka."""

"""The stream: Kafka to a scorer to a sink, exactly once, one application for every workload."""

"""Where messages come from, and who takes the results that go to Kafka."""

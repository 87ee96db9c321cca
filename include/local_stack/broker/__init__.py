"""The embedded Kafka's users: see docs/decisions/0043-the-embedded-kafka-asks-who-is-there.md."""

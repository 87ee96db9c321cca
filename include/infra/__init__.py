"""What everything stands on: Postgres, Kafka, Spark, processes."""

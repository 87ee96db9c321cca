"""Clients and set-up of what everything else uses: Postgres, Kafka, Spark, processes."""

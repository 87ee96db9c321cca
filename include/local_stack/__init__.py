"""The embedded stack: Postgres, Kafka, the model server, Airflow and the pages on one machine."""

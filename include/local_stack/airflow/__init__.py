"""The embedded stack's Airflow: its environment, its API, backfills and test runs."""

"""The embedded stack's Airflow: its environment, its API and test runs."""

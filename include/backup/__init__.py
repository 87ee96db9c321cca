"""Backups of what can't be made again: labels, models, the promotion ledger, Airflow's metadata."""

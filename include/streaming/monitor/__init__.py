"""The stream's health, watched from outside: readings, rules, incidents, alerts, metrics."""

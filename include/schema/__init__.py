"""The tables: those of a dataset version, and the shared ones, which Alembic's numbered steps make."""

"""Alembic runs this file for a command; :mod:`include.schema.upgrade` opens the transaction it works in."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()

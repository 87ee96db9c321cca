"""The embedded PostgreSQL beside its service: binaries, the superuser, roles."""

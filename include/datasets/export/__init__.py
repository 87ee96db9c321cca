"""A version as files, with a manifest and a fingerprint of each table."""

"""The role whose right it is to redact a label's text; a role belongs to the server, not to a database."""

from __future__ import annotations

from typing import LiteralString

ROLE = "tweetsieve_forgetter"

CREATE_ROLE: LiteralString = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tweetsieve_forgetter') THEN
        CREATE ROLE tweetsieve_forgetter NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL; -- another database's upgrade made it meanwhile
    WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'role tweetsieve_forgetter is missing and this role may not create it: have an '
            'administrator run CREATE ROLE tweetsieve_forgetter NOLOGIN, and grant it to this role';
END $$
"""
"""Changes nothing where the role is there."""

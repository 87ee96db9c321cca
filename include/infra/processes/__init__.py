"""Programs under a process manager: ports, paths, secrets, supervisor."""

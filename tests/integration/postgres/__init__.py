"""Versions served by a real PostgreSQL server, a private one that the session starts."""

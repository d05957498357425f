"""The shop on a real PostgreSQL."""

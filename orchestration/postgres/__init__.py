"""A published version served by PostgreSQL.

What is read is a DuckDB version; how versions are built and published is not known here.
"""

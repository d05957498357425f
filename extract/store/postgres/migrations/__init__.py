"""The steps by which Alembic brings a database to the tables of ``extract.store.postgres``."""

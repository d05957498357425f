"""The load: nine CSV files into the schema ``raw`` of a DuckDB warehouse, as text.

Nothing here knows dbt, settings or the rest of the project: a caller hands in a connection
and a source. Business rules do not belong here; they live in ``olist_dw_dbt``.
"""

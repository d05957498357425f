"""The one place that invokes dbt: its runs, its plugins, what is compiled or read from it.

Business logic is in ``olist_dw_dbt``, in SQL.
"""

"""The quality gates: what may enter the models (raw), and what may be published (marts).

Bounds and measures are data: YAML and SQL in ``olist_dw_dbt/quality``. ``bounds`` reads the
former, ``measures`` runs the latter, ``runner`` has Great Expectations compare them, in a
process of its own (``worker``, started through ``gates``). ``stages`` is what a run calls.
"""

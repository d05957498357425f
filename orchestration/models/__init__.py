"""Models that predict: fitted on the features of the dbt project, scored in a run.

One module a model; what they share is in ``model``, ``store``, ``scoring``, ``metrics`` and
``backtest``. Features are SQL in ``olist_dw_dbt/models/predictive``; people read the marts.
"""

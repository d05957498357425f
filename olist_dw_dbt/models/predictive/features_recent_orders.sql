-- One row per order with items placed in the recent days before the as-of date (var
-- late_risk_recent_days): the rows of features_orders that are scored.
{{ order_features(recent=true) }}

-- One row per order with items: what was known of it when it was placed (macro order_features). A
-- view, since fits and backtests alone read so far back; scores read features_recent_orders.
{{ config(materialized='view') }}
{{ order_features() }}

"""Features of an order, recomputed one order at a time from dated events alone.

The second route of ``features_orders``: no windows, no joins by day, a mask over all events for
each sum. Slow, and plain enough to be read beside the descriptions of the columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from orchestration.rules import var

_PRIOR = var("feature_priors")
_WEIGHT = var("prior_weight")
_EVENTS = """
    with firsts as (
        select order_key, seller_key from core.fact_order_items where order_item_id = 1
    ),
    parcels as (
        select i.order_key, max(distance_km) as distance_km, sum(p.weight_g) as weight_g,
            sum(p.volume_cm3) as volume_cm3
        from core.fact_order_items as i join core.dim_product as p using (product_key)
        group by 1
    )
    select o.*, f.seller_key, s.state as seller_state, coalesce(g.state, 'Unknown') as state,
        coalesce(g.zip_code_prefix[1:3], 'Unknown') as zip,
        p.distance_km, p.weight_g, p.volume_cm3
    from core.fact_orders as o
    join firsts as f using (order_key)
    join parcels as p using (order_key)
    join core.dim_seller as s on s.seller_key = f.seller_key
    join core.dim_geography as g on g.geography_key = o.geography_key
    where o.has_items and o.estimated_delivery_date is not null
"""


class Events:
    """What happened to all orders, with days as numbers."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Read them."""
        self.orders = o = connection.execute(_EVENTS).df()
        self.place = {key: i for i, key in enumerate(o["order_key"])}
        start = pd.Timestamp("2016-01-01")

        def days(column: str) -> np.ndarray[Any, Any]:
            found: np.ndarray[Any, Any] = (o[column].dt.normalize() - start).dt.days.to_numpy(
                float
            )
            return found

        self.placed, self.due = days("order_date"), days("estimated_delivery_date")
        self.delivered = days("delivered_at")
        self.handed = np.maximum(days("handed_to_carrier_at"), self.placed)
        elapsed = (o["delivered_at"] - o["purchased_at"]).dt.total_seconds() / 86400
        self.log_days = np.log(elapsed.clip(lower=0.5).to_numpy(float)).round(6)
        self.broken = ~(self.delivered <= self.due)
        self.groups = {
            "nation": np.ones(len(o), dtype=bool),
            "seller": o["seller_key"].to_numpy(),
            "state": o["state"].to_numpy(),
            "route": (o["seller_state"] + "-" + o["state"]).to_numpy(),
            "zip": o["zip"].to_numpy(),
        }

    def features(self, order_key: str) -> Mapping[str, float]:
        """The features of one order."""
        i = self.place[order_key]
        return _Order(self, i).features()


class _Order:
    def __init__(self, events: Events, i: int) -> None:
        self._e, self._i = events, i
        self._day = events.placed[i]

    def _mask(
        self, group: str, event: np.ndarray[Any, Any], window: int | None
    ) -> np.ndarray[Any, Any]:
        keys = self._e.groups[group]
        mask = (keys == keys[self._i]) & (event < self._day)
        found: np.ndarray[Any, Any] = (
            mask & (event >= self._day - window) if window is not None else mask
        )
        return found

    def _mean(self, group: str, what: str, window: int | None, prior: float) -> float:
        e = self._e
        event, value = {
            "days": (e.delivered, e.log_days),
            "late": (e.due, e.broken.astype(float)),
            "handling": (e.handed, e.handed - e.placed),
            "promised": (e.placed, e.due - e.placed),
        }[what]
        mask = self._mask(group, event, window)
        return float((value[mask].sum() + _WEIGHT * prior) / (mask.sum() + _WEIGHT))

    def _count(self, group: str, event: np.ndarray[Any, Any], window: int | None) -> int:
        return int(self._mask(group, event, window).sum())

    def _still(
        self, group: str, end: np.ndarray[Any, Any], at_most: int
    ) -> np.ndarray[Any, Any]:
        """Placed before, and before the day neither ended nor older than that."""
        ended = np.where(end <= self._e.placed + at_most, end, self._e.placed + at_most)
        found: np.ndarray[Any, Any] = self._mask(group, self._e.placed, None) & ~(
            ended < self._day
        )
        return found

    def features(self) -> Mapping[str, float]:
        e, i, mean = self._e, self._i, self._mean
        o = e.orders.iloc[i]
        n_days_120 = mean("nation", "days", 120, _PRIOR["log_days"])
        n_days = mean("nation", "days", 28, n_days_120)
        n_late_all = mean("nation", "late", None, _PRIOR["late_rate"])
        n_late = mean("nation", "late", 28, n_late_all)
        n_handling = mean("nation", "handling", 28, _PRIOR["handling_days"])
        s_promised = mean("state", "promised", 28, _PRIOR["promised_days"])
        s_days = mean("state", "days", 28, n_days)
        s_late = mean("state", "late", 28, n_late)
        r_days_120 = mean("route", "days", 120, s_days)
        r_days = mean("route", "days", 28, r_days_120)
        r_late_all = mean("route", "late", None, n_late_all)
        z_days = mean("zip", "days", 120, r_days_120)
        seller_days = mean("seller", "days", 120, n_days)
        handling = mean("seller", "handling", 90, n_handling)
        waiting = self._still("seller", e.handed, 30)
        ages = self._day - e.placed[waiting]
        n_open = self._still("nation", e.delivered, 60).sum()
        s_open = self._still("state", e.delivered, 60).sum()
        s_placed = self._count("state", e.placed, 28)
        placed = self._count("seller", e.placed, 28)
        promised = np.log(max(e.due[i] - e.placed[i], 1))

        def log1(value: Any) -> float:  # noqa: ANN401 - a number, a decimal or nothing
            return float("nan") if pd.isna(value) else float(np.log(1 + float(value)))

        return {
            "nation_days": n_days,
            "nation_late": n_late,
            "nation_handling": log1(n_handling),
            "nation_open_trend": np.log(
                (n_open + 5) / (self._count("nation", e.placed, 28) + 5)
            ),
            "state_days_beside_nation": s_days - n_days,
            "state_days_trend": mean("state", "days", 7, s_days) - s_days,
            "state_late_beside_nation": s_late - n_late,
            "state_open_load": np.log(
                (s_open + 5) / (self._count("state", e.delivered, 28) + 5)
            ),
            "state_open_trend": np.log((s_open + 5) / (s_placed + 5)),
            "route_days_120_beside_nation": r_days_120 - n_days,
            "route_days_beside_nation": r_days - n_days,
            "route_late_all": r_late_all,
            "route_late_beside_nation": mean("route", "late", 28, s_late) - n_late,
            "zip_days_beside_route": z_days - r_days_120,
            "zip_late_all": mean("zip", "late", None, r_late_all),
            "zip_late_beside_nation": mean("zip", "late", 28, s_late) - n_late,
            "seller_handling_beside_nation": np.log((1 + handling) / (1 + n_handling)),
            "seller_days_beside_nation": seller_days - n_days,
            "seller_late_all": mean("seller", "late", None, n_late_all),
            "seller_late_beside_nation": mean("seller", "late", 28, n_late) - n_late,
            "seller_waiting": log1(waiting.sum()),
            "seller_waiting_age": log1(ages.mean() if len(ages) else 0),
            "seller_waiting_load": np.log((waiting.sum() + 2) / (placed + 2)),
            "seller_orders_28": log1(placed),
            "log_promised_days": promised,
            "slack_route": promised - r_days,
            "slack_zip": promised - z_days,
            "slack_seller": promised - seller_days,
            "promise_beside_state": promised - np.log(s_promised),
            "promise_beside_route": promised
            - np.log(mean("route", "promised", 28, s_promised)),
            "log_distance": log1(o["distance_km"]),
            "log_freight": log1(o["freight_amount"]),
            "log_price": log1(o["item_amount"]),
            "log_weight": log1(o["weight_g"]),
            "log_volume": log1(o["volume_cm3"]),
            "log_items": np.log(o["num_items"]),
            "several_sellers": float(o["num_sellers"] > 1),
            "paid_by_boleto": float(o["main_payment_type"] == "boleto"),
            "log_installments": log1(1 if pd.isna(x := o["max_installments"]) else x),
            "same_state": float(o["seller_state"] == o["state"]),
            "due_on_monday": float(o["estimated_delivery_date"].weekday() == 0),
            "route_days": r_days,
            "route_days_120": r_days_120,
        }

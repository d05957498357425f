"""The page of risks: orders, sellers and customers by score, and how good such scores were.

The scores are of one day and know no period and no filter, so the page reads its marts itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any

import duckdb
import marimo as mo
import plotly.graph_objects as go

from dashboards.lib import format as fmt
from dashboards.lib import render, theme
from dashboards.lib.cards import Chart, Panel, chart_cards, table_tabs
from dashboards.lib.periods import Period
from dashboards.lib.queries.warehouse import PublishedInfo, published, read_info, refused
from dashboards.lib.tables import Table
from dashboards.lib.tiles import Key, Tile, heading, message, tile_grid
from orchestration.dbt.variables import var

Row = Mapping[str, Any]

# Rows of a list on the page; the download has all.
_SHOWN = 500
_Z = float(var("interval_z"))
_MODELS = {
    "late_order_risk": "Late orders",
    "seller_risk": "Sellers who leave",
    "predictive_customer": "Customers who buy again",
    "review_drivers": "Low stars",
}

# Of independent rows the expected number is the sum of their chances, and its variance the sum
# of p (1 - p).
_TOTALS = """
    select
        (select avg(late_rate) from marts.mart_late_order_risk where not is_open)
            as recent_expected_rate,
        (
            select avg(cast(outcome = 'LATE' as integer))
            from marts.mart_late_order_risk where not is_open
        ) as recent_late_rate,
        (select count(*) from marts.mart_late_order_risk where is_open) as num_orders,
        (select sum(late_rate) from marts.mart_late_order_risk where is_open) as num_late,
        (select sum(late_rate * (1 - late_rate)) from marts.mart_late_order_risk where is_open)
            as late_variance,
        (select sum(charged_amount * late_rate) from marts.mart_late_order_risk where is_open)
            as late_amount,
        sellers.*,
        customers.*
    from (
        select
            count(*) as num_sellers,
            sum(churn_rate) as num_leaving,
            sum(churn_rate * (1 - churn_rate)) as leaving_variance,
            sum(gmv_at_stake_amount) as stake_amount,
            sum(gmv_90d_amount) as gmv_amount
        from marts.mart_seller_risk
    ) as sellers
    cross join (
        select
            count(*) as num_customers,
            sum(repeat_rate) as num_returning,
            sum(repeat_rate * (1 - repeat_rate)) as returning_variance,
            sum(expected_revenue_amount) as revenue_amount,
            sum(revenue_variance) as revenue_variance
        from marts.mart_predictive_customer
    ) as customers
"""
_QUALITY = """
    select
        model_name,
        metric_name,
        count(*) as num_folds,
        avg(metric_value) as metric_value,
        min(metric_value) as lowest_value,
        max(metric_value) as highest_value,
        avg(naive_value) as naive_value,
        min(data_from_date) as data_from_date,
        max(data_until_date) as data_until_date
    from marts.mart_model_quality
    where not is_pooled and list_contains(?, model_name)
    group by model_name, metric_name
    order by model_name, metric_name
"""


@dataclass(frozen=True)
class _List:
    """A ranked list: what is read, in which columns, in which order."""

    key: str
    title: str
    mart: str
    columns: tuple[str, ...]
    order: str
    where: str = "true"


_STEP_OF_ORDER = """
    case
        when handed_to_carrier_at < scored_as_of_date + interval 1 day
            then 'with the carrier: ask where it is, tell the customer early'
        else 'with the seller: ask to hand it over today'
    end
"""
_LISTS = (
    _List(
        "orders",
        "Orders at risk of being late",
        "mart_late_order_risk inner join "
        "(select order_key, handed_to_carrier_at from core.fact_orders) using (order_key) "
        "inner join (select order_key, order_date + cast(ceil(p80_days) as integer) "
        "as likely_by_date from marts.mart_delivery_promise) using (order_key)",
        (
            *("risk_rank", "order_id", "late_rate", "reason_1"),
            f"{_STEP_OF_ORDER} as next_step",
            *("charged_amount", "reason_2", "estimated_delivery_date"),
            "likely_by_date",
            *("seller_state", "customer_state", "seller_id"),
        ),
        "risk_rank",
        "is_open",
    ),
    _List(
        "sellers",
        "Sellers at risk of leaving",
        "mart_seller_risk",
        (
            *("stake_rank", "seller_id", "churn_rate", "reason_1", "next_step"),
            *("gmv_at_stake_amount", "reason_2", "gmv_90d_amount", "num_orders_90d"),
            *("days_since_last_sale", "main_category", "state"),
        ),
        "stake_rank",
    ),
    _List(
        "customers",
        "Customers worth a message",
        "mart_predictive_customer",
        (
            *("customer_unique_id", "repeat_rate", "reason_1", "next_step"),
            *("expected_revenue_amount", "reason_2", "num_sale_days", "last_order_date"),
            *("revenue_amount", "state"),
        ),
        "expected_revenue_amount desc, customer_unique_id",
        "repeat_tenth = 1",
    ),
)
_QUALITY_COLUMNS = (
    *("model_name", "metric_name", "num_folds", "metric_value", "naive_value"),
    *("lowest_value", "highest_value", "data_from_date", "data_until_date"),
)


@dataclass(frozen=True)
class Risks:
    """What the page shows of one version.

    Attributes:
        info: The version.
        totals: Sums over each list.
        lists: The tables, in order.
        quality: Each metric of each model over the folds of its backtest; none where no
            backtest has been run.
        methods: How the scores of each list were computed, by its title.
    """

    info: PublishedInfo
    totals: Row
    lists: tuple[Table, ...]
    quality: tuple[Row, ...]
    methods: Mapping[str, str]

    @property
    def period(self) -> Period:
        """The day of the scores, by which files are named."""
        return Period(self.info.as_of_date, self.info.as_of_date)

    def figure(self, model: str, metric: str) -> Row | None:
        """A metric of a model, mean of its folds; None without a backtest."""
        found = (
            r for r in self.quality if (r["model_name"], r["metric_name"]) == (model, metric)
        )
        return next(found, None)


def load(path: Path) -> Risks:
    """Read one version.

    Raises:
        DashboardDataError: It cannot be read, or lacks the marts.
    """
    with published(path) as connection:
        try:
            info = read_info(connection)
            totals = _rows(connection, _TOTALS)[0]
            methods = {
                one.title.lower(): " and ".join(row["method"] for row in _rows(connection, sql))
                for one in _LISTS
                for sql in [f"select distinct method from marts.{one.mart} order by method"]
            }
            quality = _rows(connection, _QUALITY, [list(_MODELS)])
            lists = tuple(_listed(connection, path, one) for one in _LISTS)
        except duckdb.Error as error:
            raise refused(error) from error
    return Risks(info, totals, lists, tuple(quality), methods)


def _listed(connection: duckdb.DuckDBPyConnection, path: Path, one: _List) -> Table:
    sql = (
        f"select {', '.join(one.columns)} from marts.{one.mart} where {one.where} "
        f"order by {one.order}"
    )
    names = [column.rpartition(" as ")[2] for column in one.columns]

    def everything() -> Table:
        with published(path) as again:
            return render.listed(one.key, one.title, names, _rows(again, sql))

    rows = _rows(connection, f"{sql} limit {_SHOWN}")
    found = render.listed(one.key, one.title, names, rows)
    return replace(found, everything=everything) if len(rows) == _SHOWN else found


def _rows(
    connection: duckdb.DuckDBPyConnection, sql: str, values: Sequence[Any] = ()
) -> list[dict[str, Any]]:
    cursor = connection.execute(sql, values)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


# Words


def lead(risks: Risks) -> str:
    """What the lists are good for, in two sentences."""
    late, again = (
        risks.figure("late_order_risk", "captured_in_top_tenth"),
        risks.figure("predictive_customer", "lift_top_tenth"),
    )
    text = (
        "Three lists to begin the day with: orders by their risk, sellers and customers by "
        "what is at stake. A score says where to look first, not what will happen."
    )
    if late and again:
        text += (
            " In the past the tenth of the orders with the highest risk held "
            f"{fmt.percent(late['metric_value'], 0)} of the late ones; the tenth of the "
            "customers with the highest score bought again "
            f"{fmt.number(again['metric_value'], 1)} times as often as all, which is still "
            "hardly any."
        )
    return text


def tiles(risks: Risks) -> tuple[Tile, ...]:
    """What is expected of each list, with the interval that chance leaves it, and its worth."""
    t, horizon = risks.totals, var("seller_active_within_days")
    revenue = _between(t["revenue_amount"], t["revenue_variance"], fmt.brl)
    expected = {name: _expected(risks, name, *one) for name, one in _EXPECTED.items()}
    return (
        expected["late"],
        Tile(
            "late_amount",
            "Worth of orders expected late",
            fmt.brl(t["late_amount"] or 0),
            "price and freight times the risk, orders under way",
        ),
        expected["leaving"],
        Tile(
            "stake_amount",
            "GMV at stake with sellers",
            fmt.brl(t["stake_amount"] or 0),
            f"of {fmt.brl_short(t['gmv_amount'] or 0)} of the last {horizon} days",
        ),
        expected["returning"],
        Tile(
            "expected_revenue",
            "Revenue expected of them",
            fmt.brl(t["revenue_amount"] or 0),
            f"in 180 days; by chance alone {revenue}",
        ),
    )


# Of each tile its label, the model, of how many, and what these are.
_EXPECTED = {
    "late": ("Orders expected late", "late_order_risk", "num_orders", "orders under way"),
    "leaving": (
        *("Sellers expected to leave", "seller_risk", "num_sellers"),
        f"active sellers: no sale in {var('seller_active_within_days')} days",
    ),
    "returning": (
        *("Customers expected again", "predictive_customer", "num_customers"),
        "customers, within 180 days",
    ),
}


def _expected(risks: Risks, name: str, label: str, model: str, count: str, of: str) -> Tile:
    t, found = risks.totals, risks.figure(model, "auc")
    note = "How good the scores are is not known yet: no backtest has been run."
    if found:
        note = (
            f"In {found['num_folds']} tests of the past: AUC "
            f"{fmt.number(found['metric_value'], 3)}, the naive answer "
            f"{fmt.number(found['naive_value'], 3)}."
        )
    if name == "late" and t["recent_late_rate"] is not None:
        note += (
            " Of the recent orders that have ended "
            f"{fmt.percent(t['recent_expected_rate'])} were expected late, and "
            f"{fmt.percent(t['recent_late_rate'])} were."
        )
    value, chance = t[f"num_{name}"] or 0, t[f"{name}_variance"]
    return Tile(
        f"num_{name}",
        label,
        fmt.number(value),
        f"of {fmt.count(t[count])} {of}; by chance alone {_between(value, chance, fmt.number)}",
        note=note,
    )


def _between(value: Any, variance: Any, words: Callable[[float], str]) -> str:
    middle, half = float(value or 0), _Z * float(variance or 0) ** 0.5
    return f"{words(max(middle - half, 0))} to {words(middle + half)}"


# Sections


def summary(risks: Risks) -> mo.Html:
    """The lead and the tiles."""
    day = risks.info.as_of_date
    return mo.Html(
        f'<p class="dw-lead">{escape(lead(risks))}</p>'
        + heading(
            "Summary",
            f"As of the end of {fmt.day(day)}. Intervals are of 95 % and of chance alone: they "
            "do not know what the models get wrong.",
        )
        + tile_grid(tiles(risks))
    )


def backtests(risks: Risks) -> mo.Html:
    """How well each model did in the past, beside the naive answer."""
    words = (
        "Each model was fitted on what was known on earlier days, and compared with what came "
        "after. 0.5 is chance, 1 is never wrong. docs/models has a card of each."
    )
    chart = quality_chart(risks)
    if chart is None:
        body = message(
            "No backtest has been run on this warehouse",
            "Run `olist models backtest`, then `make pipeline`. Until then "
            "nobody knows how far to trust these lists here.",
        )
    else:
        body = chart_cards([chart])
    return mo.Html(heading("How good the scores are", words) + body)


def quality_chart(risks: Risks) -> Chart | None:
    """AUC of each model and of the naive answer, mean of the folds."""
    rows = [(name, row) for name in _MODELS if (row := risks.figure(name, "auc")) is not None]
    if not rows:
        return None
    names = [_MODELS[name] for name, _ in rows]
    figure = go.Figure()
    keys = (Key("Model", theme.BLUE), Key("Naive answer", theme.MUTED))
    for key, column in zip(keys, ("metric_value", "naive_value"), strict=True):
        values = [row[column] for _, row in rows]
        figure.add_bar(
            x=values,
            y=names,
            orientation="h",
            name=key.label,
            marker={"color": key.colour},
            text=[fmt.number(value, 2) for value in values],
            textposition="outside",
            customdata=[fmt.number(value, 3) for value in values],
            hovertemplate="%{y}, %{fullData.name}: AUC %{customdata}<extra></extra>",
        )
    figure.update_layout(
        template=theme.template(),
        barmode="group",
        height=80 * len(rows) + 60,
        margin={"l": 170},
    )
    figure.update_xaxes(range=[0.5, 1.0], nticks=6)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    ahead = [row["metric_value"] - row["naive_value"] for _, row in rows]
    best = names[ahead.index(max(ahead))]
    finding = (
        f"{best} gain most on the naive answer, {fmt.number(max(ahead), 2)} of AUC"
        if min(ahead) > 0
        else f"{names[ahead.index(min(ahead))]}: the model is no better than the naive answer"
    )
    return Chart(
        "quality",
        finding,
        "AUC over the folds of the backtests, mean: the chance that of two the right one has "
        "the higher score; the axis begins at chance, 0.5",
        (Panel(figure),),
        keys,
    )


def rows(risks: Risks) -> mo.Html:
    """The lists in tabs, with their downloads, and the figures of the backtests."""
    quality = render.listed("backtests", "Backtests", _QUALITY_COLUMNS, risks.quality)
    tables = [table for table in (*risks.lists, quality) if table.rows]
    empty = [table.title.lower() for table in (*risks.lists, quality) if not table.rows]
    how = "; ".join(f"{title} by {method}" for title, method in risks.methods.items() if method)
    words = (
        "Click a heading to sort. Reasons are what raises a score most, best first. "
        f"Computed: {how}."
    )
    if empty:
        words += f" Nothing to show: {', '.join(empty)}."
    section = mo.Html(heading("Data", words))
    return mo.vstack(
        [section, table_tabs(tables, "risks", risks.period)] if tables else [section]
    )

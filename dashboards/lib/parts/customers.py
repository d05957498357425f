"""What only the customers page has: who is shown, the RFM grid, cohorts, returns."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date
from itertools import pairwise
from typing import Any

from dashboards.lib import format as fmt
from dashboards.lib import render, theme
from dashboards.lib.cards import Chart, Panel
from dashboards.lib.charts import COUNT_AXIS, Rank, ranked_rows
from dashboards.lib.figures import figure
from dashboards.lib.heatmaps import STRONGEST, WEAKEST, Cell, Scale, heat_map
from dashboards.lib.periods import Period, add_months, month_name, month_start
from dashboards.lib.spec import Group
from dashboards.lib.tables import Table
from dashboards.lib.tiles import Key, Tile
from dashboards.lib.view import Values, View
from orchestration.dbt.variables import var

MART = "mart_customer_analytics"
PAYMENTS = "mart_payment_analysis"
WHOM = {"All customers": False, "New ones only": True}
# Last day of each class of the time to the return, in days; the last class is open.
RETURN_CLASSES = (7, 30, 90, 180, 365)
_SCORES = (1, 2, 3, 4, 5)
# As many months as a narrow screen has room for with a figure each; the rows have all.
_COHORT_MONTHS = 12


def shown(view: View) -> Period:
    """The days of the first sale of the customers that charts and rows show."""
    return view.period if view.option("whom") else _to_date(view, view.period)


def _to_date(view: View, period: Period) -> Period:
    first = min(view.calendar.first_date, period.start)
    return Period(first, period.end)


# Sentences and tiles


def known(view: View, period: Period) -> Values:
    """All customers up to the end of a period, by what was known on that day."""
    repeats = {
        "repeat_rate": "return_date",
        "repeat_rate_same_day_included": "second_order_date",
    }
    rates = [f"avg((coalesce({day} <= $day, false))::int) as {n}" for n, day in repeats.items()]
    return view.select(
        MART,
        f"count(*) as num_customers, {', '.join(rates)}",
        period=_to_date(view, period),
        day=period.end,
    )[0]


def lead_of_repeats(view: View) -> str | None:
    """How many customers to date have bought again."""
    base = known(view, view.period)
    if base["repeat_rate"] is None:
        return None
    return (
        f"Of all {fmt.count(base['num_customers'])} customers to date "
        f"{fmt.percent(base['repeat_rate'])} have bought again on a later day."
    )


def lead_of_returns(view: View) -> str | None:
    """When those who came back did so."""
    days = return_days(view)["days"]
    return days and f"Half of those who came back did so within {fmt.days(days, 0)}."


def to_date(view: View) -> Tile:
    """All customers up to the last day of the period."""
    return _known_tile(view, "customers", "num_customers", "Customers to date", "with a sale")


def repeat_rate(view: View) -> Tile:
    """The share of them who had bought again on a later day by then."""
    same_day = fmt.percent(known(view, view.period)["repeat_rate_same_day_included"], 2)
    return _known_tile(
        view,
        "repeat_rate",
        "repeat_rate",
        "Repeat rate",
        "of customers to date bought again on a later day",
        f"{same_day} with second orders of the same day.",
    )


def _known_tile(
    view: View, key: str, name: str, label: str, of: str, note: str | None = None
) -> Tile:
    metric = view.metric(name)
    return Tile(
        key,
        label,
        figure(metric, known(view, view.period)[name]),
        f"{of}, by {fmt.day(view.period.end)}",
        render.deltas_of(view, metric, lambda period: known(view, period), by_end=True),
        note,
    )


def of_shown(
    key: str, name: str, of: str, label: str | None = None, note: str | None = None
) -> Callable[[View], Tile]:
    """The tile of a metric of the shown customers, which is of no period to compare."""

    def build(view: View) -> Tile:
        metric, row = view.metric(name), view.shown.ask((name,))[0]
        made_of, day = fmt.count(row[str(metric.volume)]), fmt.day(view.source.info.as_of_date)
        text = f"{of.format(n=made_of, as_of=day)}, first sale {view.shown.period.label}"
        return Tile(key, label or metric.label, figure(metric, row[name]), text, note=note)

    return build


def return_days(view: View) -> Values:
    """The median of the days to the return of the shown customers, and how many came back."""
    columns = "median(days_to_return) as days, count(days_to_return) as n"
    return view.shown.select(MART, columns, period=view.shown.period)[0]


def median_return(view: View) -> Tile:
    """The middle of the days between the first sale and the first of a later day."""
    found = return_days(view)
    return Tile(
        "median_return",
        "Time to the return",
        fmt.days(found["days"], 0),
        f"median of {fmt.count(found['n'])} customers who came back, first sale "
        f"{view.shown.period.label}",
        note="Those yet to come back are not in it.",
    )


# Charts


def rfm(view: View) -> list[dict[str, Any]]:
    """The shown customers and their money by their three scores."""
    scores = "recency_score, frequency_score, monetary_score"
    return view.shown.select(
        MART,
        f"{scores}, count(*) as n, sum(revenue_amount) as money",
        f"group by {scores}",
        period=view.shown.period,
    )


def rfm_grid(view: View) -> Chart:
    """The customers by score: frequency and money against recency."""
    rows = rfm(view)
    everybody = sum(row["n"] for row in rows)
    once = sum(row["n"] for row in rows if row["frequency_score"] == 1)
    best = sum(
        row["n"]
        for row in rows
        if row["recency_score"] >= var("rfm_recent_from_score")
        and row["monetary_score"] >= var("rfm_valuable_from_score")
    )
    starts = [1, *var("rfm_frequency_band_starts")]
    spans = [
        f"{low}" if high == low + 1 else f"{low}\N{EN DASH}{high - 1}"
        for low, high in pairwise(starts)
    ]
    days = Scale("Days with a sale", (*spans, f"{starts[-1]}+"))
    money = Scale("Money score", tuple(map(str, _SCORES)))
    shares = [fmt.percent(number / everybody) for number in (once, best)]
    return Chart(
        "rfm_grid",
        f"{shares[0]} bought on one day; {shares[1]} are both recent and valuable",
        f"Customers by score, as of {fmt.day(view.source.info.as_of_date)}; first sale "
        f"{view.shown.period.label}. Recency and money are fifths of all customers, 5 the most "
        "recent and the most spent",
        (
            Panel(_grid(rows, "frequency_score", days), "Frequency against recency, customers"),
            Panel(_grid(rows, "monetary_score", money), "Money against recency, customers"),
        ),
    )


def _grid(rows: list[dict[str, Any]], of: str, side: Scale) -> Any:
    def cell(recency: int, score: int) -> Cell | None:
        own = [row for row in rows if row["recency_score"] == recency and row[of] == score]
        number = sum(row["n"] for row in own)
        if not number:
            return None
        money = fmt.brl(sum(row["money"] for row in own))
        hover = (
            f"{fmt.count(number)} customers, {money} revenue<br>"
            f"{side.title} {side.names[score - 1]}, recency {recency}"
        )
        # From one customer to tens of thousands: only a logarithm shows both ends.
        return Cell(math.log10(number + 1), fmt.count(number), hover)

    return heat_map(
        Scale(side.title, side.names[::-1]),
        Scale("Recency score (5: most recent)", tuple(map(str, _SCORES))),
        [[cell(recency, score) for recency in _SCORES] for score in reversed(_SCORES)],
        row_height=38,
    )


def cohort_cells(view: View) -> list[dict[str, Any]]:
    """The cohorts of the shown months, by month since the first; the mart has no state.

    Both ends must be whole: the month that the cohort is of, and the month looked at.
    """
    return view.source.rows(
        """
        select cohort_month, months_since_first, cohort_size, num_active_customers,
            retention_rate, revenue_amount,
            is_complete_month and bool_or(is_complete_month and months_since_first = 0) over (
                partition by cohort_month
            ) as is_complete
        from marts.mart_cohort_analysis
        where cohort_month between $first and $last
        order by cohort_month, months_since_first
        """,
        {"first": month_start(view.shown.period.start), "last": view.shown.period.end},
    )


def cohorts(view: View) -> Chart:
    """How many of a month's first buyers buy again, month by month."""
    found = {
        (row["cohort_month"], row["months_since_first"]): row for row in cohort_cells(view)
    }
    # The cohort of the last month has no later month yet, and no row.
    firsts = sorted(cohort for cohort, months in found if months == 1)
    columns = range(1, _COHORT_MONTHS + 1)
    cells = [
        [_cohort_cell(found.get((one, months)), one) for months in columns] for one in firsts
    ]
    months = Scale("Months since the month of the first sale", tuple(map(str, columns)))
    names = Scale("", tuple(month_name(one) for one in firsts))
    return Chart(
        "cohorts",
        _retention(found),
        "Customers of a cohort with a sale in a later month, % of the cohort; cohorts of "
        f"{view.shown.period.label}. All states and segments: those filters do not act here",
        (Panel(heat_map(names, months, cells, row_height=24, name_margin=68)),),
        (
            Key("More of the cohort", STRONGEST),
            Key("Less", WEAKEST, "band"),
            Key("Incomplete cohort or month", theme.INCOMPLETE_BAND, "band"),
            Key("Blank: not reached yet", "#FFFFFF", "band"),
        ),
        is_wide=True,
    )


def _cohort_cell(row: Values | None, cohort: date) -> Cell | None:
    if row is None:
        return None
    later = month_name(add_months(cohort, row["months_since_first"]))
    seen, rate = f"{month_name(cohort)} in {later}", row["retention_rate"]
    if not row["is_complete"]:
        return Cell(0, "", f"{seen}: incomplete month", is_incomplete=True)
    hover = (
        f"{seen}: {fmt.percent(rate, 2)}, {fmt.count(row['num_active_customers'])} of "
        f"{fmt.count(row['cohort_size'])} customers"
    )
    return Cell(rate, fmt.number(rate * 100, 1), hover)


def _retention(found: Mapping[tuple[date, int], Values]) -> str:
    """The typical retention of the first month after the first sale, and the best of any."""
    later = {key: row for key, row in found.items() if row["is_complete"] and key[1] >= 1}
    first = [row for (_, months), row in later.items() if months == 1]
    if not first:
        return "No complete cohort has a complete month after its first yet"
    back, size = (
        sum(row[name] for row in first) for name in ("num_active_customers", "cohort_size")
    )
    (cohort, months), best = max(later.items(), key=lambda one: one[1]["retention_rate"])
    of_best = f"{fmt.count(best['num_active_customers'])} of {fmt.count(best['cohort_size'])}"
    return (
        f"{fmt.percent(back / size, 2)} of a cohort buy again in the month after; the best "
        f"month of any is {fmt.percent(best['retention_rate'], 2)} ({of_best}: "
        f"{month_name(cohort)}, month {months})"
    )


def return_classes(view: View) -> list[tuple[str, int]]:
    """How many of the shown customers came back within which span of days."""
    starts = [0, *(last + 1 for last in RETURN_CLASSES)]
    ends = [*RETURN_CLASSES, None]
    names = [
        f"After {start - 1} days" if end is None else f"{max(start, 1)}\N{EN DASH}{end} days"
        for start, end in zip(starts, ends, strict=True)
    ]
    counts = ", ".join(
        f"count(*) filter (days_to_return between {start} and {end or 10**6}) as c{start}"
        for start, end in zip(starts, ends, strict=True)
    )
    row = view.shown.select(MART, counts, period=view.shown.period)[0]
    return list(zip(names, row.values(), strict=True))


def returns(view: View) -> Chart:
    """When those who come back do so."""
    classes, found = return_classes(view), return_days(view)
    ranks = []
    for name, number in classes:
        part = fmt.percent(number / found["n"] if found["n"] else 0)
        hover = f"{fmt.count(number)} customers, {part} of those who came back"
        ranks.append(Rank(name, number, part, hover))
    finding = "Nobody of them has bought a second time"
    if found["n"]:
        soon = fmt.percent(classes[0][1] / found["n"], 0)
        finding = (
            f"Half of those who come back do so within {fmt.days(found['days'], 0)}, {soon} "
            f"within {RETURN_CLASSES[0]}"
        )
    bars = ranked_rows(ranks, COUNT_AXIS, row_height=42, name_margin=118, label_room=0.35)
    return Chart(
        "returns",
        finding,
        "Customers by days from their first sale to the first of a later day, with their "
        f"share; first sale {view.shown.period.label}. Late returns are rarer than they will "
        "be: recent customers have not had the time",
        (Panel(bars),),
    )


def payments(view: View) -> str:
    """The leading payment type, and how much is paid in installments."""
    types = render.group_rows(view, Group(("payment_amount",), "payment_type", mart=PAYMENTS))
    if not types:
        return f"No payment {view.period.when}"
    (name, amount), whole = types[0], sum(value for _, value in types)
    share = view.ask(("installment_share",), mart=PAYMENTS)[0]["installment_share"]
    return (
        f"{fmt.name(name)} pays {fmt.percent(float(amount / whole))}; {fmt.percent(share)} of "
        "all money comes in installments"
    )


# Tables


def cohort_rows(view: View) -> Table:
    """The cohorts, month by month."""
    rows = [
        row | {"coverage": "complete" if row["is_complete"] else "incomplete"}
        for row in cohort_cells(view)
    ]
    names = ("cohort_month", "months_since_first", "coverage", "cohort_size")
    more = ("num_active_customers", "retention_rate", "revenue_amount")
    return render.listed("cohorts", "Cohorts", (*names, *more), rows)

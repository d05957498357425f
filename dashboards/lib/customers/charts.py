"""The why: the charts of the customers dashboard, each with its finding as title."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from dashboards.lib import format as fmt
from dashboards.lib import theme
from dashboards.lib.cards import Chart, Panel
from dashboards.lib.charts import (
    COUNT_AXIS,
    Axis,
    Rank,
    Series,
    monthly_bars,
    monthly_lines,
    ranked_columns,
    ranked_rows,
)
from dashboards.lib.customers import findings, measures
from dashboards.lib.customers.data import CustomersData
from dashboards.lib.customers.measures import (
    EARLY_DAYS,
    MIN_CUSTOMERS,
    PaymentMeasures,
    ReturnClass,
    payments_total,
    return_classes,
)
from dashboards.lib.heatmaps import STRONGEST, WEAKEST, Cell, Scale, heat_map
from dashboards.lib.metrics import Metric, ratio, share
from dashboards.lib.months import (
    CHOSEN,
    INCOMPLETE_BAR,
    OUTSIDE,
    legend,
    series,
    timeline,
)
from dashboards.lib.periods import add_months, month_end, month_name
from dashboards.lib.queries.customers import Group, RfmCell
from dashboards.lib.tiles import Key

_PANEL = 225
_SCORES = (1, 2, 3, 4, 5)
_FREQUENCIES = ("1", "2", "3", "4\N{EN DASH}5", "6+")
# As many months as a narrow screen has room for with a figure each; the rows have all.
_COHORT_MONTHS = 12
_MAX_RANKS = 10
_MAX_STATES = 13
_CATEGORY_MARGIN = 146
_TYPE_COLOURS = {
    "credit_card": (theme.BLUE, theme.PALE_BLUE),
    "boleto": (theme.ORANGE, theme.PALE_ORANGE),
    "voucher": (theme.GREEN, theme.PALE_GREEN),
    "debit_card": (theme.PURPLE, "#E0C3D5"),
}
_PLANS = (
    ("Paid at once", "single_plan_amount"),
    ("2\N{EN DASH}3 parts", "short_plan_amount"),
    ("4\N{EN DASH}6 parts", "medium_plan_amount"),
    ("7 and more", "long_plan_amount"),
)


def charts(data: CustomersData) -> tuple[Chart, ...]:
    """The cards, in reading order."""
    return (
        _new_customers(data),
        _segments(data),
        _rfm_grid(data),
        _rfm_segments(data),
        _cohorts(data),
        _returns(data),
        _by_category(data),
        _by_state(data),
        _payments(data),
    )


def _new_customers(data: CustomersData) -> Chart:
    months = timeline(data.months)
    followed_by = data.info.as_of_date - timedelta(days=EARLY_DAYS)
    early = tuple(
        point.measures.early_return_rate if month_end(point.month) <= followed_by else None
        for point in data.months
    )
    return Chart(
        "new_customers",
        findings.new_customers(data),
        "Every month of the data, whatever the choice of whom",
        (
            Panel(
                monthly_bars(
                    months,
                    (series(data.months, measures.CUSTOMERS, "New customers", fmt.count),),
                    COUNT_AXIS,
                    height=_PANEL,
                ),
                "New customers: persons by month of their first sale",
            ),
            Panel(
                monthly_lines(
                    months,
                    (Series("Back early", early, _two_decimals, colour=theme.GREEN),),
                    Axis(tick_format="~%", from_zero=True),
                    height=_PANEL,
                ),
                f"Bought again within {EARLY_DAYS} days, % of the month's new customers; blank "
                "where not as many days have passed",
            ),
        ),
        legend(data.months, CHOSEN, OUTSIDE, incomplete=INCOMPLETE_BAR),
    )


def _segments(data: CustomersData) -> Chart:
    return Chart(
        "segments",
        findings.segments(data),
        f"Customer segments as of {fmt.day(data.info.as_of_date)}; {data.whom_words}",
        _persons_and_money(data, data.by_segment, row_height=28),
        (Key("Persons", theme.BLUE), Key("Revenue", theme.ORANGE)),
    )


def _rfm_segments(data: CustomersData) -> Chart:
    return Chart(
        "rfm_segments",
        findings.rfm_segments(data),
        f"RFM segments as of {fmt.day(data.info.as_of_date)}; {data.whom_words}",
        _persons_and_money(data, data.by_rfm_segment, row_height=25),
        (Key("Persons", theme.BLUE), Key("Revenue", theme.ORANGE)),
    )


def _persons_and_money(
    data: CustomersData, groups: tuple[Group, ...], row_height: int
) -> tuple[Panel, Panel]:
    """Two rankings below each other, by persons and by revenue, in the same order."""

    def ranks(metric: Metric, words: Callable[[Any], str] | None, colour: str) -> list[Rank]:
        found = []
        for group in groups:
            of_all = fmt.percent(share(group.measures, data.shown, metric))
            hover = (
                f"{fmt.count(group.measures.num_customers)} persons, "
                f"{fmt.brl(group.measures.revenue_amount)} revenue, "
                f"{fmt.brl(group.measures.revenue_per_customer, 2)} a person"
            )
            value = metric.value(group.measures)
            label = words(value) if words is not None else of_all
            found.append(Rank(fmt.name(group.name), value, label, hover, colour))
        return found

    return (
        Panel(
            ranked_rows(
                ranks(measures.CUSTOMERS, fmt.count, theme.BLUE),
                COUNT_AXIS,
                row_height=row_height,
                name_margin=118,
                label_room=0.35,
            ),
            "Persons",
        ),
        Panel(
            ranked_rows(
                ranks(measures.REVENUE, None, theme.ORANGE),
                Axis(prefix="R$ ", tick_format="~s", from_zero=True),
                row_height=row_height,
                name_margin=118,
                label_room=0.35,
            ),
            "Revenue of all their sales to date in R$, labelled with its share",
        ),
    )


def _rfm_grid(data: CustomersData) -> Chart:
    def frequency(cell: RfmCell) -> int:
        return cell.frequency

    def monetary(cell: RfmCell) -> int:
        return cell.monetary

    return Chart(
        "rfm_grid",
        findings.rfm_grid(data),
        f"Persons by score, as of {fmt.day(data.info.as_of_date)}; {data.whom_words}. Recency "
        "and money are fifths of all customers, 5 the most recent and the most spent",
        (
            Panel(
                _grid(data, frequency, Scale("Sales a person", _FREQUENCIES)),
                "Frequency against recency, persons",
            ),
            Panel(
                _grid(data, monetary, Scale("Money score", tuple(map(str, _SCORES)))),
                "Money against recency, persons",
            ),
        ),
    )


def _grid(data: CustomersData, of: Callable[[RfmCell], int], side: Scale) -> object:
    def cell(recency: int, score: int) -> Cell | None:
        chosen = [one for one in data.rfm if one.recency == recency and of(one) == score]
        persons = sum(one.num_customers for one in chosen)
        if not persons:
            return None
        money = sum(one.revenue_amount for one in chosen)
        hover = (
            f"{fmt.count(persons)} persons, {fmt.brl(money)} revenue<br>"
            f"{side.title} {side.names[score - 1]}, recency {recency}"
        )
        # From one person to tens of thousands: only a logarithm shows both ends.
        return Cell(math.log10(persons + 1), fmt.count(persons), hover)

    rows = Scale(side.title, tuple(reversed(side.names)))
    columns = Scale("Recency score (5: most recent)", tuple(map(str, _SCORES)))
    return heat_map(
        rows,
        columns,
        [[cell(recency, score) for recency in _SCORES] for score in reversed(_SCORES)],
        row_height=38,
    )


def _cohorts(data: CustomersData) -> Chart:
    # The cohort of the last month has no later month yet, and no row.
    first_months = sorted({cohort for cohort, months in data.cohorts if months == 1})
    names = tuple(month_name(cohort) for cohort in first_months)
    columns = tuple(range(1, _COHORT_MONTHS + 1))
    cells = []
    for cohort in first_months:
        row: list[Cell | None] = []
        for months in columns:
            found = data.cohorts.get((cohort, months))
            if found is None:
                row.append(None)
                continue
            seen = f"{month_name(cohort)} in {month_name(add_months(cohort, months))}"
            if not found.is_complete:
                row.append(Cell(0, "", f"{seen}: incomplete month", is_incomplete=True))
                continue
            rate = found.retention_rate
            hover = (
                f"{seen}: {fmt.percent(rate, 2)}, {fmt.count(found.num_active)} of "
                f"{fmt.count(found.cohort_size)} persons"
            )
            row.append(Cell(rate or 0, fmt.number((rate or 0) * 100, 1), hover))
        cells.append(row)
    return Chart(
        "cohorts",
        findings.cohorts(data),
        "Persons of a cohort with a sale in a later month, % of the cohort; cohorts of "
        f"{data.whose_months.label}. All states and segments: those filters do not act here",
        (
            Panel(
                heat_map(
                    Scale("", names),
                    Scale("Months since the month of the first sale", tuple(map(str, columns))),
                    cells,
                    row_height=24,
                    name_margin=68,
                )
            ),
        ),
        (
            Key("More of the cohort", STRONGEST),
            Key("Less", WEAKEST, "band"),
            Key("Incomplete cohort or month", theme.INCOMPLETE_BAND, "band"),
            Key("Blank: not yet lived", "#FFFFFF", "band"),
        ),
        is_wide=True,
    )


def _returns(data: CustomersData) -> Chart:
    number = sum(one.num_customers for one in data.return_days)
    ranks = []
    for one in return_classes(data.return_days):
        of_all = fmt.percent(ratio(one.num_customers, number))
        hover = f"{fmt.count(one.num_customers)} persons, {of_all} of those who came back"
        ranks.append(Rank(_span(one), one.num_customers, of_all, hover))
    return Chart(
        "returns",
        findings.returns(data),
        "Persons by days from their first sale to the first of a later day, with their share; "
        f"{data.whom_words}. Late returns are rarer than they will be: "
        "recent customers have not had the time",
        (
            Panel(
                ranked_rows(ranks, COUNT_AXIS, row_height=42, name_margin=118, label_room=0.35)
            ),
        ),
    )


def _span(one: ReturnClass) -> str:
    if one.last == 0:
        return "Same day"
    if one.last is None:
        return f"After {one.first - 1} days"
    return f"{one.first}\N{EN DASH}{one.last} days"


def _by_category(data: CustomersData) -> Chart:
    ranked = findings.rankable(data.by_category)
    ranks = [
        Rank(
            fmt.short_name(group.name),
            group.measures.repeat_rate,
            fmt.percent(group.measures.repeat_rate),
            _repeaters(group),
        )
        for group in ranked[:_MAX_RANKS]
    ]
    left = f"; the first {_MAX_RANKS} of {len(ranked)}" if len(ranked) > _MAX_RANKS else ""
    return Chart(
        "repeat_by_category",
        findings.by_category(data),
        f"Repeat rate by category of the first sale, at least {MIN_CUSTOMERS} customers{left}; "
        f"{data.whom_words}",
        (
            Panel(
                ranked_rows(
                    ranks,
                    Axis(tick_format="~%", from_zero=True),
                    row_height=32,
                    name_margin=_CATEGORY_MARGIN,
                    label_room=0.35,
                )
            ),
        ),
    )


def _by_state(data: CustomersData) -> Chart:
    region = {one.state: one.region for one in data.states}
    ranked = findings.rankable(data.by_state)[:_MAX_STATES]
    ranks = [
        Rank(
            str(group.name),
            group.measures.repeat_rate,
            "",
            _repeaters(group),
            theme.region_colour(region.get(str(group.name), "")),
        )
        for group in ranked
    ]
    regions = dict.fromkeys(region.get(str(group.name), "Unknown") for group in ranked)
    return Chart(
        "repeat_by_state",
        findings.by_state(data),
        f"Repeat rate by state of the latest address, at least {MIN_CUSTOMERS} customers, the "
        f"highest {_MAX_STATES} at most; {data.whom_words}",
        (Panel(ranked_columns(ranks, Axis(tick_format="~%", from_zero=True), height=390)),),
        tuple(Key(one, theme.region_colour(one)) for one in regions),
    )


def _repeaters(group: Group) -> str:
    return (
        f"{fmt.percent(group.measures.repeat_rate, 2)}, "
        f"{fmt.count(group.measures.num_repeat)} of "
        f"{fmt.count(group.measures.num_customers)} customers"
    )


def _payments(data: CustomersData) -> Chart:
    by_type = findings.payments_by_type(data)
    whole = payments_total(list(by_type.values()))
    types = [
        Rank(
            fmt.name(kind),
            sums.payment_amount,
            fmt.percent(share(sums, whole, measures.PAYMENT_AMOUNT)),
            f"{fmt.brl(sums.payment_amount)} in {fmt.count(sums.num_payments)} payments, "
            f"{fmt.brl(sums.average_payment_value, 2)} and "
            f"{fmt.number(sums.average_installments, 1)} installments each",
            _TYPE_COLOURS.get(kind, (theme.MUTED, theme.INCOMPLETE))[0],
        )
        for kind, sums in by_type.items()
    ]
    plans = [_plan(name, column, whole) for name, column in _PLANS]
    money = Axis(prefix="R$ ", tick_format="~s", from_zero=True)
    return Chart(
        "payments",
        findings.payments(data),
        f"Payments of orders of every status in the months of {data.period.label}, in R$ and "
        "% of all; filters of state and segment and the choice of whom do not act here",
        (
            Panel(
                ranked_rows(types, money, row_height=32, name_margin=118, label_room=0.35),
                "By type of payment",
            ),
            Panel(
                ranked_rows(plans, money, row_height=32, name_margin=118, label_room=0.35),
                "By number of monthly installments",
            ),
        ),
    )


def _plan(name: str, column: str, whole: PaymentMeasures) -> Rank:
    amount = getattr(whole, column)
    of_all = fmt.percent(ratio(amount, whole.payment_amount))
    return Rank(
        name,
        amount,
        of_all,
        f"{fmt.brl(amount)}, {of_all} of all payments",
        theme.GREEN,
    )


def _two_decimals(value: float | None) -> str:
    return fmt.percent(value, 2)

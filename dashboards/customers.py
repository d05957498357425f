"""The customers dashboard: new ones, those who come back, segments, cohorts, payments."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="full",
    app_title="Customers · Olist DW",
    css_file="lib/assets/dashboard.css",
    html_head_file="lib/assets/head.html",
)

with app.setup:
    from dataclasses import replace

    import marimo as mo

    from dashboards.lib import controls, render, shell
    from dashboards.lib.parts import customers as parts
    from dashboards.lib.spec import (
        REGION,
        STATE,
        Filter,
        Group,
        Groups,
        Line,
        Listing,
        Months,
        Option,
        Page,
        Panel,
        Ranking,
        Rows,
        Special,
        SpecialRows,
        SpecialTile,
        Tile,
    )
    from dashboards.lib.theme import BLUE, GREEN, ORANGE, PURPLE

    MART = parts.MART
    MEASURES = (
        *("num_profiled_customers", "num_repeat_customers", "repeat_rate"),
        *("repeat_rate_same_day_included", "num_followed_customers", "early_return_rate"),
        *("active_customer_rate", "num_customer_sales", "lifetime_revenue_amount"),
        *("lifetime_revenue_per_customer", "lifetime_order_value", "customer_review_score"),
        "num_reviewed_customer_orders",
    )
    SHARES = ("num_profiled_customers", "lifetime_revenue_amount")
    PAYMENTS = Groups(
        "payments",
        (
            Group(
                ("payment_amount",), "payment_type", "By type of payment", mart=parts.PAYMENTS
            ),
            Group(
                tuple(f"{plan}_plan_amount" for plan in ("single", "short", "medium", "long")),
                caption="By number of monthly installments",
                colour=GREEN,
                labels=("At once", "2 to 3 parts", "4 to 6 parts", "7 and more"),
                mart=parts.PAYMENTS,
            ),
        ),
        parts.payments,
        "Payments of orders of every status in the months of {period}, in R$ and % of all; "
        "filters of state and segment and the choice of whom do not act here",
        colours={"credit_card": BLUE, "boleto": ORANGE, "voucher": GREEN, "debit_card": PURPLE},
    )
    BY_PAYMENT = Rows(
        "payments",
        "Payments by month",
        ("order_month", "payment_type"),
        (
            *("payment_amount", "num_payments", "average_payment_amount"),
            *("installments_per_payment", "single_plan_amount", "short_plan_amount"),
            *("medium_plan_amount", "long_plan_amount"),
        ),
        mart=parts.PAYMENTS,
    )

    def by(column, key, title):
        """A table of the customers by a column."""
        return Rows(key, title, (column,), MEASURES, share=SHARES)

    def segments(key, column, what):
        """A card of the customers by segment and their money."""
        return Groups(
            key,
            (
                Group(("num_profiled_customers",), column, "Customers"),
                Group(
                    ("lifetime_revenue_amount",),
                    column,
                    "Revenue of all their sales to date, in R$",
                    ORANGE,
                ),
            ),
            subtitle=f"{what} as of {{as_of}}; first sale {{period}}",
        )

    PAGE = Page(
        slug="customers",
        mart=MART,
        nothing="customers",
        volume="num_profiled_customers",
        shown=parts.shown,
        filters=(
            REGION,
            replace(STATE, columns=(*STATE.columns, "state")),
            Filter("segment", "Segments", MART, ("customer_segment",), is_as_of=True),
        ),
        options=(Option("whom", "Charts and rows show", parts.WHOM, is_named=True),),
        lead=(
            (
                "{num_new_customers} customers bought for the first time {when}"
                "{num_new_customers.moved}."
            ),
            parts.lead_of_repeats,
            parts.lead_of_returns,
        ),
        tiles=(
            Tile("new_customers", "num_new_customers", "customers with their first sale"),
            SpecialTile(parts.to_date),
            SpecialTile(parts.repeat_rate),
            Tile(
                "early_return_rate",
                "early_return_rate",
                "of {num_followed_customers} customers who are new in the period and have had "
                "90 days",
                note="Only who has had 90 days is counted, so periods are comparable.",
            ),
            SpecialTile(parts.median_return),
            Tile(
                "revenue_per_customer",
                "lifetime_revenue_per_customer",
                "all sales to date of those new in the period",
                "Revenue per new customer",
                "Earlier customers have had longer to buy again.",
            ),
            SpecialTile(
                parts.of_shown(
                    "revenue_per_customer_so_far",
                    "lifetime_revenue_per_customer",
                    "all sales to date",
                    "Revenue per customer",
                )
            ),
            Tile(
                "review_score",
                "customer_review_score",
                "stars of 5, {num_reviewed_customer_orders} reviewed orders of those new in "
                "the period",
                "Review score",
            ),
            SpecialTile(
                parts.of_shown(
                    "active_rate",
                    "active_customer_rate",
                    "bought in the 365 days to {as_of}",
                    note="Proxy of churn: no contract ends, so a year without a sale stands "
                    "for it.",
                )
            ),
            SpecialTile(
                parts.of_shown(
                    "orders_per_customer",
                    "lifetime_order_value",
                    "over {n} sales with items",
                    "Revenue per sale",
                )
            ),
        ),
        about_charts="Charts show the customers with a first sale up to the last day of the "
        "period, or in it where new ones only are chosen; unless they say otherwise.",
        charts=(
            Months(
                "new_customers",
                (
                    Panel(
                        (Line("num_new_customers"),),
                        caption="New customers by month of their first sale",
                        height=225,
                    ),
                    Panel(
                        (Line("early_return_rate", colour=GREEN),),
                        "lines",
                        "Bought again within 90 days, % of the month's new customers who have "
                        "had as many; blank where none has",
                        225,
                    ),
                ),
                subtitle="Every month of the data, whatever the choice of whom",
            ),
            segments("segments", "customer_segment", "Customer segments"),
            Special(parts.rfm_grid),
            segments("rfm_segments", "rfm_segment", "RFM segments"),
            Special(parts.cohorts),
            Special(parts.returns),
            Ranking(
                "repeat_by_category",
                "repeat_rate",
                ("first_category",),
                subtitle="Repeat rate by category of the first sale; {repeat_rate} over all; "
                "first sale {period}",
                most=10,
            ),
            Ranking(
                "repeat_by_state",
                "repeat_rate",
                ("state",),
                subtitle="Repeat rate by state of the latest address; {repeat_rate} over all; "
                "first sale {period}",
                is_columns=True,
            ),
            Special(lambda view: render.groups(view, PAYMENTS)),
        ),
        tables=(
            Listing(
                "customers",
                "Customers",
                MART,
                (
                    *("customer_unique_id", "city", "state", "customer_segment", "rfm_segment"),
                    *(
                        "revenue_amount",
                        "num_orders as num_sales",
                        "average_order_value",
                        "first_order_date",
                    ),
                    *("last_order_date", "recency_days", "average_review_score"),
                    *("first_category", "favourite_category"),
                ),
                "revenue_amount desc, customer_unique_id",
                most=1_000,
            ),
            by("customer_segment", "by_segment", "By segment"),
            by("rfm_segment", "by_rfm_segment", "By RFM segment"),
            by("state", "by_state", "By state"),
            by("first_category", "by_first_category", "By first category"),
            by("first_payment_type", "by_first_payment", "By first payment"),
            Rows("by_month", "By month of first sale", ("cohort_month",), MEASURES),
            SpecialRows(parts.cohort_rows),
            SpecialRows(lambda view: render.table(view, BY_PAYMENT)),
        ),
    )


@app.cell
def _():
    source, _problem = shell.open_page(PAGE)
    mo.stop(source is None, _problem)
    return (source,)


@app.cell
def _(source):
    shell.header(source)
    return


@app.cell
def _(source, view):
    # Looked up at each choice, which is when a newer version would be missed.
    shell.newer_version(source) if view else None
    return


@app.cell
def _(source):
    _period, _own = controls.chosen_before(source)
    get_period, set_period = mo.state(_period)
    get_own, set_own = mo.state(_own)
    return get_own, get_period, set_own, set_period


@app.cell
def _(get_own, get_period, set_own, set_period, source):
    # A filter is shown by the cell that makes it: any other cell that names it would be drawn
    # again, and take the focus away, whenever it changes.
    preset = controls.period_control(source, get_period(), get_own(), set_period, set_own)
    controls.shown(preset)
    return (preset,)


@app.cell
def _(get_own, get_period, set_own, source):
    first = controls.end_control(source, "first", get_period(), get_own(), set_own)
    controls.shown(first)
    return (first,)


@app.cell
def _(get_own, get_period, set_own, source):
    last = controls.end_control(source, "last", get_period(), get_own(), set_own)
    controls.shown(last)
    return (last,)


@app.cell
def _(source):
    others = controls.other_controls(source)
    controls.shown(others)
    return (others,)


@app.cell
def _(get_own, get_period, others, source):
    view, _problem = shell.look(source, get_period(), get_own(), others.value)
    mo.stop(view is None, _problem)
    return (view,)


@app.cell
def _(view):
    shell.summary(view)
    return


@app.cell
def _(view):
    shell.charts(view)
    return


@app.cell
def _(view):
    shell.rows(view)
    return


@app.cell
def _(source):
    shell.footer(source)
    return


if __name__ == "__main__":
    app.run()

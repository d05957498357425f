"""What only the sellers page has: what tiers ask for, the curve of GMV, scores, one seller."""

from __future__ import annotations

import math
from dataclasses import replace
from html import escape
from itertools import accumulate

import marimo as mo

from dashboards.lib import address, render, theme, words
from dashboards.lib import format as fmt
from dashboards.lib.cards import Chart, Panel, chart_card
from dashboards.lib.charts import COUNT_AXIS, Axis, Rank, ranked_columns
from dashboards.lib.definitions import Metric
from dashboards.lib.periods import Period, month_name
from dashboards.lib.plots import Mark, Part, curve, stacked_rows
from dashboards.lib.spec import Filter, Group, Groups, Line, Months, Ranking, Rows
from dashboards.lib.spec import Panel as Drawn
from dashboards.lib.tables import Column, Table
from dashboards.lib.tiles import Key, Tile, card_grid, heading
from dashboards.lib.view import Values, View
from orchestration.dbt.variables import var

CARDS = "mart_seller_scorecard"
# The part of the sellers whose share is shown, and the part of GMV whose sellers are counted.
TOP_PART, PARETO_PART = 0.1, 0.8
BAND = 5  # the width of a band of scores, in points
ENOUGH = var("min_orders_for_ranking")
TIERS = (*(one["tier"] for one in var("seller_tiers")), "BRONZE")  # the best first
_NARROW = 0.09  # of a bar: too narrow for a label
TOP_SHARE = Metric(
    "top_share", "Share of the top 10%", "", "share", 1, "none", "points", None, 0, False
)


def _as_of(view: View) -> str:
    return fmt.day(view.source.info.as_of_date)


# Sentences


def sellers_of_months(view: View) -> str:
    """How many sellers had a sale in a month, and how many are new."""
    metric = view.metric("num_selling_sellers")
    text = words.months(view, metric, view.by_month((metric.name,)))
    return f"{text}; {fmt.count(view.total()['num_new_sellers'])} were new in the period"


def best_tiers(view: View) -> str:
    """How many active sellers are in the best tiers of the 12 months, and what they bring."""
    sellers, gmv = (
        dict(render.group_rows(view, Group((name,), "seller_tier_12m", mart=CARDS)))
        for name in ("num_active_sellers_12m", "seller_gmv_12m_amount")
    )
    number, money = (sum(rows.get(tier, 0) for tier in TIERS[:2]) for rows in (sellers, gmv))
    if not number:
        return "No active seller of these filters is Gold or Platinum"
    return (
        f"{fmt.count(number)} Gold and Platinum sellers of the last 12 months, "
        f"{fmt.percent(number / sum(sellers.values()))} of the active ones, bring "
        f"{fmt.percent(float(money / sum(gmv.values())))} of their GMV"
    )


def never_late(view: View, spec: Ranking) -> str:
    """How many keep the promise to dispatch in time, and who does not."""
    ranked, late = render.ranked(view, spec), spec.metric
    if not ranked:
        return f"No seller handed over {ENOUGH} shipments in this period"
    never = sum(not row[late] for row in ranked)
    text = f"{fmt.count(never)} of {fmt.count(len(ranked))} sellers were never late to dispatch"
    if never == len(ranked):
        return text
    names = [render.name_of(row, spec.by) for row in ranked]
    return f"{text}; {words.ranking(view.metric(late), names, ranked, None, spec.order)}"


TIER_GROUPS = Groups(
    "tiers",
    (
        Group(
            ("num_active_sellers_12m",),
            "seller_tier_12m",
            "Active sellers by tier of the 12 months to {as_of}",
            mart=CARDS,
        ),
        Group(
            ("num_sellers_to_date",),
            "seller_tier",
            "Sellers by tier of all time",
            mart=CARDS,
        ),
        Group(("seller_gmv_amount",), "seller_tier", "GMV of all data to {as_of}", mart=CARDS),
    ),
    best_tiers,
    "Active sellers by their tier of the 12 months to {as_of}, and sellers that ever had a "
    "sale by the tier of all time, with shares",
    TIERS,
    dict(zip(TIERS, (theme.PURPLE, theme.ORANGE, theme.SKY, theme.VERMILION), strict=True)),
)


# Tiles


def best(view: View, period: Period) -> tuple[list[float], Values]:
    """GMV of each seller with a sale, the largest first, and what the best tenth brings."""
    rows = view.select(
        "mart_seller_months",
        "seller_key, sum(gmv_amount)::double as gmv",
        "group by seller_key having sum(num_sales) > 0 order by gmv desc, seller_key",
        period=period,
    )
    gmv = [row["gmv"] for row in rows]
    number = math.ceil(len(gmv) * TOP_PART)
    share = sum(gmv[:number]) / sum(gmv) if sum(gmv) else None
    return gmv, {"num_top": number, "top_share": share}


def top_share(view: View) -> Tile:
    """The share of the best tenth in GMV."""
    gmv, top = best(view, view.period)
    return Tile(
        "top_share",
        TOP_SHARE.label,
        fmt.percent(top["top_share"]),
        f"of GMV, from the best {fmt.count(top['num_top'])} of {fmt.count(len(gmv))} sellers, "
        f"{view.period.label}",
        render.deltas_of(view, TOP_SHARE, lambda period: best(view, period)[1]),
    )


def scored(view: View) -> Values:
    """How many sellers may be ranked by their score, and the score of the middle one."""
    return view.select(CARDS, "count(score) as n, median(score) as score", also="is_rankable")[
        0
    ]


def median_score(view: View) -> Tile:
    """The score of the middle one of the sellers that may be ranked."""
    middle = scored(view)
    weights = [
        fmt.percent(var(f"seller_score_{part}_weight"), 0)
        for part in ("review", "on_time", "dispatch", "cancellation")
    ]
    return Tile(
        "median_score",
        "Median seller score",
        fmt.number(middle["score"], 1),
        f"points of 100, {fmt.count(middle['n'])} sellers with {ENOUGH} orders or more, as of "
        f"{_as_of(view)}",
        note="Stars {}, on time {}, dispatch in time {}, orders not canceled {}.".format(
            *weights
        ),
    )


# Charts

_LACKING = (
    ("num_lacking_gmv", "GMV alone", "GMV alone keeps", theme.BLUE, "white"),
    ("num_lacking_score", "Stars alone", "Stars alone keep", theme.ORANGE, theme.INK),
    (
        *("num_lacking_on_time", "On-time rate alone", "Late deliveries alone keep"),
        *(theme.GREEN, "white"),
    ),
    ("num_lacking_several", "Several", "Several bounds keep", theme.INCOMPLETE, theme.INK),
)


def lacking(view: View) -> Chart:
    """What keeps sellers out of the next tier."""
    found = view.ask(
        ("num_lacking", *(name for name, *_ in _LACKING)), ("seller_tier",), mart=CARDS
    )
    rows = [row for tier in TIERS for row in found if row["seller_tier"] == tier]
    rows = [row for row in rows if row["num_lacking"]]
    parts = []
    for name, label, _, colour, ink in _LACKING:
        shares = tuple(row[name] / row["num_lacking"] for row in rows)
        written = tuple(fmt.percent(one, 0) if one >= _NARROW else "" for one in shares)
        hovers = tuple(
            f"{fmt.count(row[name])} sellers, {fmt.percent(share)}"
            for row, share in zip(rows, shares, strict=True)
        )
        parts.append(Part(label, shares, written, hovers, colour, ink))
    finding = "No seller of these filters has a next tier to reach"
    if rows:
        verb, number = max(
            ((verb, sum(row[name] for row in rows)) for name, _, verb, *_ in _LACKING),
            key=lambda one: one[1],
        )
        part = fmt.percent(number / sum(row["num_lacking"] for row in rows), 0)
        finding = f"{verb} {fmt.count(number)} sellers ({part}) out of the next tier"
    asked = " ".join(
        f"{fmt.name(one['tier'])}: GMV above {fmt.brl(one['above_gmv'])}, {one['from_score']} "
        f"stars, {fmt.percent(one['from_on_time_rate'], 0)} on time."
        for one in var("seller_tiers")
    )
    names = [fmt.name(row["seller_tier"]) for row in rows]
    axis = Axis(tick_format="~%", from_zero=True)
    return Chart(
        "lacking",
        finding,
        "What is missing for the tier above, % of the sellers of a tier with a sale, as of "
        f"{_as_of(view)}. {asked}",
        (Panel(stacked_rows(names, parts, axis, row_height=80)),) if rows else (),
        tuple(Key(label, colour) for _, label, _, colour, _ in _LACKING),
    )


def pareto(view: View) -> Chart:
    """The cumulative GMV of the best sellers, at each percent of those with a sale."""
    gmv, top = best(view, view.period)
    subtitle = (
        f"Cumulative share of GMV over the {fmt.count(len(gmv))} sellers with a sale, "
        f"{view.period.label}"
    )
    if not sum(gmv):
        return Chart("pareto", "No GMV in this period", subtitle, ())
    cumulative = [amount / sum(gmv) for amount in accumulate(gmv)]
    numbers = sorted({math.ceil(len(gmv) * percent / 100) for percent in range(1, 101)})
    curved = [(n / len(gmv), cumulative[n - 1], n) for n in numbers]
    x, y, _ = next(point for point in curved if point[1] >= PARETO_PART)
    brought = f"{fmt.percent(x, 0)} {{}}bring {fmt.percent(PARETO_PART, 0)}"
    marks = [Mark(x, y, brought.format(""))]
    if top["num_top"] > 1:
        share = fmt.percent(top["top_share"])
        marks.append(Mark(top["num_top"] / len(gmv), top["top_share"], f"top 10%: {share}"))
    hovers = [
        f"Best {fmt.count(n)} sellers ({fmt.percent(part, 0)}): {fmt.percent(share)} of GMV"
        for part, share, n in curved
    ]
    drawn = curve(
        [0.0, *(part for part, _, _ in curved)],
        [0.0, *(share for _, share, _ in curved)],
        ["", *hovers],
        x_axis=Axis(tick_format="~%", title="Share of the sellers, the largest first"),
        y_axis=Axis(tick_format="~%"),
        marks=marks,
        height=340,
    )
    finding = f"{brought.format('of the sellers ')} of GMV, the best tenth "
    return Chart("pareto", finding + fmt.percent(top["top_share"]), subtitle, (Panel(drawn),))


def bands(view: View) -> dict[int, int]:
    """How many of the sellers that may be ranked have which score, by the start of a band."""
    rows = view.select(
        CARDS,
        f"(least(floor(score / {BAND}), {100 // BAND - 1}) * {BAND})::integer as start, "
        "count(*) as n",
        "group by start order by start",
        also="is_rankable and score is not null",
    )
    return {row["start"]: row["n"] for row in rows}


def scores(view: View) -> Chart:
    """How the scores are spread."""
    found, middle = bands(view), scored(view)
    subtitle = (
        f"Sellers by score (0 to 100 points), all data to {_as_of(view)}; "
        f"{fmt.count(middle['n'])} sellers with {ENOUGH} orders or more"
    )
    if not found:
        return Chart("scores", f"No seller has {ENOUGH} orders and a score", subtitle, ())
    ranks = []
    for start in range(min(found), 100, BAND):
        span, number = f"{start}\N{EN DASH}{start + BAND}", found.get(start, 0)
        ranks.append(Rank(span, number, "", f"{fmt.count(number)} sellers score {span}"))
    top = max(found, key=lambda start: found[start])
    return Chart(
        "scores",
        f"Half of the sellers score {fmt.number(middle['score'], 1)} or more; "
        f"{fmt.percent(found[top] / middle['n'], 0)} stand between {top} and {top + BAND}",
        subtitle,
        (Panel(ranked_columns(ranks, COUNT_AXIS, height=340)),),
    )


def in_period(view: View, metrics: tuple[str, ...]) -> Table:
    """What each seller did in the period, with its tier."""
    by = ("seller_id", "state")
    found = render.table(view, Rows("in_period", "In the period", by, metrics))
    rows = view.select(CARDS, "seller_id, seller_tier")
    tiers = {row["seller_id"]: fmt.name(row["seller_tier"]) for row in rows}
    return replace(
        found,
        columns=(*found.columns[:2], Column("Tier"), *found.columns[2:]),
        rows=tuple((*row[:2], tiers[row[0]], *row[2:]) for row in found.rows),
    )


# One seller

# A figure, how it is written, and what the next tier asks of it.
_FIGURES = (
    ("GMV (R$)", "gmv_amount", fmt.number, ">", "next_tier_gmv_amount", "gmv"),
    (
        *("Stars (1 to 5)", "average_review_score", fmt.score, "\N{GREATER-THAN OR EQUAL TO}"),
        *("next_tier_review_score", "score"),
    ),
    (
        *("Delivered on time", "on_time_rate", fmt.percent, "\N{GREATER-THAN OR EQUAL TO}"),
        *("next_tier_on_time_rate", "on_time"),
    ),
    ("Dispatched late", "dispatch_late_rate", fmt.percent, "", "", ""),
    ("Canceled orders", "cancellation_rate", fmt.percent, "", "", ""),
    ("Score (0 to 100)", "score", lambda value: fmt.number(value, 1), "", "", ""),
    ("Orders", "num_orders", fmt.number, "", "", ""),
    ("Days since the last sale", "days_since_last_sale", fmt.number, "", "", ""),
)


def chooser(view: View) -> mo.ui.dropdown | None:
    """The sellers of the filters to choose from, the largest first; None without any."""
    rows = view.select(CARDS, "gmv_rank, seller_id, city, state", "order by gmv_rank")
    if view.is_empty or not rows:
        return None
    options = {
        "#{gmv_rank} {seller_id} {city}, {state}".format(
            **row | {"city": fmt.city(row["city"])}
        ): (row["seller_id"])
        for row in rows
    }
    wanted = address.read().get("seller", "")
    return mo.ui.dropdown(
        options=options,
        value=next(
            (name for name, one in options.items() if one == wanted), next(iter(options))
        ),
        allow_select_none=False,
        searchable=True,
        label="Seller, by rank, id or city",
        full_width=True,
        on_change=lambda seller: address.keep(seller=seller),
    )


def chooser_section(widget: mo.ui.dropdown | None) -> mo.Html | None:
    """The heading of one seller's page, and the list to choose from."""
    if widget is None:
        return None
    explanation = "Choose any seller of the filters above; type to search."
    return mo.vstack([mo.Html(heading("One seller", explanation)), widget])


def one_seller(view: View, seller_id: str) -> mo.Html | None:
    """One seller beside its tier, and month by month; None where there is no such seller."""
    found = compared(view, seller_id)
    if found is None:
        return None
    return mo.Html(card_grid([_comparison(view, *found), chart_card(months(view, seller_id))]))


def compared(view: View, seller_id: str) -> tuple[Values, Values] | None:
    """A seller's scorecard, and the medians of its tier's sellers with a sale."""
    rows = view.source.rows(
        f"select * from marts.{CARDS} where seller_id = $seller", {"seller": seller_id}
    )
    if not rows:
        return None
    medians = ", ".join(f"median({name})::double as {name}" for _, name, *_ in _FIGURES)
    tier = view.source.rows(
        f"select count(*) as num_sellers, {medians} from marts.{CARDS} "
        "where seller_tier = $tier and num_sales > 0",
        {"tier": rows[0]["seller_tier"]},
    )
    return rows[0], tier[0]


def _comparison(view: View, one: Values, medians: Values) -> str:
    tier, following = fmt.name(one["seller_tier"]), one["next_tier"]
    body, lacks = [], []
    for label, name, write, sign, bound, part in _FIGURES:
        asked, mood = "\N{EN DASH}", ""
        if following and part:
            asked = f"{sign} {write(one[bound])}"
            is_below = one[f"is_below_next_{part}"]
            mood = f' class="dw-{"bad" if is_below else "good"}"'
            lacks += [f"{label} {asked}"] if is_below else []
        body.append(
            f'<tr><th scope="row">{label}</th><td{mood}>{write(one[name])}</td>'
            f"<td>{write(medians[name])}</td>" + (f"<td>{asked}</td></tr>" if following else "")
        )
    heads = ["", "This seller", f"Median {tier}"]
    heads += [f"{fmt.name(following)} asks"] if following else []
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    what = f"Missing for {fmt.name(following)}: {words.listed(lacks)}." if lacks else ""
    finding = (
        f"{tier} seller in {fmt.city(one['city'])}, {one['state']}, number "
        f"{fmt.count(one['gmv_rank'])} by GMV. {what or 'It is in the best tier.'}"
    )
    subtitle = (
        f"Seller {one['seller_id']}, {'active' if one['is_active'] else 'inactive'}, main "
        f"category {fmt.name(one['main_category'])}. All data to {_as_of(view)}; the median is "
        f"of {fmt.count(medians['num_sellers'])} {tier} sellers with a sale"
    )
    return (
        f'<section class="dw-card" data-figures="seller"><h3>{escape(finding)}</h3>'
        f'<p class="dw-subtitle">{escape(subtitle)}</p><table class="dw-figures"><thead>'
        f"<tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></section>"
    )


def months(view: View, seller_id: str) -> Chart:
    """What the seller did month by month: the page of that seller alone."""
    late = (
        Line("num_seller_on_time", "On time", theme.GREEN),
        Line("num_seller_late", "Late", theme.VERMILION),
    )
    spec = Months(
        "seller_months",
        (
            Drawn((Line("gmv_amount"),), caption="GMV, in R$"),
            Drawn(late, caption="Delivered shipments, on time and late"),
        ),
        _best_month,
    )
    alone = (Filter("seller", "Seller", CARDS, ("seller_id",)),)
    page = replace(view.page, filters=alone, options=(), charts=(spec,))
    own = View(replace(view.source, page=page), view.period, {"seller": (seller_id,)})
    return render.charts(own)[0]


def _best_month(view: View) -> str:
    gmv = {month: values.get("gmv_amount") for month, values in view.months().items()}
    sold = {month: amount for month, amount in gmv.items() if amount}
    if not sold:
        return "This seller never had a sale"
    best_one = max(sold, key=lambda month: sold[month])
    return (
        f"A sale in {len(sold)} of {len(gmv)} months; the best was {month_name(best_one)} with "
        f"{fmt.brl(sold[best_one])} of GMV"
    )

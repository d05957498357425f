"""The titles of the sellers charts: each says what its chart shows, from its data."""

from __future__ import annotations

from dashboards.lib import format as fmt
from dashboards.lib.metrics import ratio
from dashboards.lib.months import extremes
from dashboards.lib.periods import month_name
from dashboards.lib.sellers import measures as m
from dashboards.lib.sellers.data import SellerPage, SellersData
from dashboards.lib.sellers.measures import MIN_DISPATCHED, PARETO_PART
from dashboards.lib.sellers.words import short_name, tier_name

# Tiers above these bring their GMV together in the title of the tiers.
_BEST_TIERS = ("PLATINUM", "GOLD")


def sellers(data: SellersData) -> str:
    """Question 4: sellers and new sellers per month."""
    found = extremes(data.months, m.SELLERS)
    if found is None:
        return (
            f"{fmt.count(data.current.num_sellers)} sellers had a sale, "
            f"{fmt.count(data.current.num_new_sellers)} of them for the first time"
        )
    low, high = found
    return (
        f"Between {fmt.count(low.measures.num_sellers)} ({month_name(low.month)}) and "
        f"{fmt.count(high.measures.num_sellers)} sellers ({month_name(high.month)}) had a sale "
        f"in a month; {fmt.count(data.current.num_new_sellers)} were new in the period"
    )


def gmv_per_seller(data: SellersData) -> str:
    """Question 53: GMV per seller and trend."""
    found = extremes(data.months, m.GMV_PER_SELLER)
    value = fmt.brl(data.current.gmv_per_seller)
    if found is None:
        return f"A seller with a sale brought {value} of GMV {data.period.when}"
    low, high = found
    return (
        f"A seller brings between {fmt.brl(low.measures.gmv_per_seller)} "
        f"({month_name(low.month)}) and {fmt.brl(high.measures.gmv_per_seller)} "
        f"({month_name(high.month)}) of GMV a month"
    )


def tiers(data: SellersData) -> str:
    """How many active sellers are in the best tiers of the 12 months, and what they bring."""
    best_12m = [one for one in data.tiers_12m if one.tier in _BEST_TIERS]
    if best_12m:
        number = sum(one.num_sellers for one in best_12m)
        active = sum(one.num_sellers for one in data.tiers_12m)
        amount = sum(one.gmv_amount for one in best_12m)
        whole = sum(one.gmv_amount for one in data.tiers_12m)
        return (
            f"{fmt.count(number)} Gold and Platinum sellers of the last 12 months, "
            f"{fmt.percent(ratio(number, active))} of the active ones, bring "
            f"{fmt.percent(ratio(amount, whole))} of their GMV"
        )
    everyone = data.all_tiers
    best = m.add_tiers([data.tiers[tier] for tier in _BEST_TIERS if tier in data.tiers])
    if not best.num_sellers:
        top = max(data.tiers, key=lambda tier: data.tiers[tier].num_sellers, default=None)
        if top is None:
            return "No seller of these filters ever had a sale"
        part = ratio(data.tiers[top].num_sellers, everyone.num_sellers)
        return f"{fmt.percent(part)} of the sellers are {tier_name(top)}, none Gold or Platinum"
    sellers_part = fmt.percent(ratio(best.num_sellers, everyone.num_sellers))
    gmv_part = fmt.percent(ratio(best.gmv_amount, everyone.gmv_amount))
    return (
        f"{fmt.count(best.num_sellers)} Gold and Platinum sellers, {sellers_part} of all, "
        f"bring {gmv_part} of GMV"
    )


def lacking(data: SellersData) -> str:
    """What keeps sellers out of the next tier."""
    everyone = data.all_tiers
    reasons = {
        "GMV alone keeps": everyone.num_lacking_gmv,
        "Stars alone keep": everyone.num_lacking_score,
        "Late deliveries alone keep": everyone.num_lacking_on_time,
        "Several bounds keep": everyone.num_lacking_several,
    }
    if not everyone.num_lacking:
        return "No seller of these filters has a next tier to reach"
    reason, number = max(reasons.items(), key=lambda one: one[1])
    part = fmt.percent(ratio(number, everyone.num_lacking), 0)
    return f"{reason} {fmt.count(number)} sellers ({part}) out of the next tier"


def pareto(data: SellersData) -> str:
    """Questions 51 and 52: concentration of GMV."""
    needed = next((p for p in data.pareto if p.gmv_share >= PARETO_PART), None)
    if needed is None:
        return "No GMV in this period"
    return (
        f"{fmt.percent(needed.seller_share, 0)} of the sellers bring "
        f"{fmt.percent(PARETO_PART, 0)} of GMV, the best tenth "
        f"{fmt.percent(data.current.top_share)}"
    )


def lateness(data: SellersData) -> str:
    """Question 56, over time: dispatch lateness."""
    if data.current.dispatch_late_rate is None:
        return "Nothing of this period was handed to a carrier"
    title = f"{fmt.percent(data.current.dispatch_late_rate)} of shipments were dispatched late"
    if (found := extremes(data.months, m.DISPATCH_LATE)) is not None:
        low, high = found
        title += (
            f", between {fmt.percent(low.measures.dispatch_late_rate)} "
            f"({month_name(low.month)}) and {fmt.percent(high.measures.dispatch_late_rate)} "
            f"({month_name(high.month)})"
        )
    return title


def dispatch_ranking(data: SellersData) -> str:
    """Questions 27 and 56: who keeps the dispatch promise, and who does not."""
    if not data.ranked:
        return f"No seller handed over {MIN_DISPATCHED} shipments in this period"
    worst = data.ranked[0]
    faultless = sum(row.sums.num_dispatch_late == 0 for row in data.ranked)
    never = (
        f"{fmt.count(faultless)} of {fmt.count(len(data.ranked))} sellers were never late to "
        "dispatch"
    )
    if not worst.sums.num_dispatch_late:
        return never
    return (
        f"{never}; {short_name(worst.seller_id, worst.state)} was in "
        f"{fmt.percent(worst.sums.dispatch_late_rate)} of shipments"
    )


def scores(data: SellersData) -> str:
    """How the scores are spread."""
    scored = sum(band.num_sellers for band in data.score_bands)
    if not scored:
        return "No seller of these filters has 20 orders and a score"
    top = max(data.score_bands, key=lambda band: band.num_sellers)
    part = fmt.percent(ratio(top.num_sellers, scored), 0)
    return (
        f"Half of the sellers score {fmt.number(data.median_score, 1)} or more; "
        f"{part} stand between {top.start} and {top.start + 5}"
    )


def seller_months(page: SellerPage) -> str:
    """One seller's trend."""
    sold = [point for point in page.months if point.measures.num_sales]
    if not sold:
        return "This seller never had a sale"
    best = max(sold, key=lambda point: point.measures.gmv_amount)
    return (
        f"A sale in {len(sold)} of {len(page.months)} months; the best was "
        f"{month_name(best.month)} with {fmt.brl(best.measures.gmv_amount)} of GMV"
    )

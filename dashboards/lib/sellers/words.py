"""How the sellers page names things: the chosen sellers, one seller, a tier."""

from __future__ import annotations

from dashboards.lib import format as fmt
from dashboards.lib.queries.sellers import SellerCard, SellerScope

# Characters of a seller's id that a chart shows; tables and the one page show all of it.
_SHORT_ID = 6


def scope_words(chosen: SellerScope) -> str:
    """The scope as a reader would say it: ``Mar-Aug 2018, sellers in SP, GOLD``."""
    places = chosen.states or chosen.regions
    parts = [
        chosen.period.label,
        f"sellers in {', '.join(places)}" if places else "sellers in all states",
    ]
    if chosen.tiers:
        parts.append(", ".join(chosen.tiers))
    if chosen.categories:
        parts.append(", ".join(chosen.categories))
    if chosen.activity != "all":
        parts.append(chosen.activity)
    if chosen.min_orders:
        parts.append(f"{chosen.min_orders} orders or more")
    return ", ".join(parts)


def short_name(seller_id: str, state: str) -> str:
    """A seller in a chart: the head of the id and the state."""
    return f"{seller_id[:_SHORT_ID]} {state}"


def option_name(card: SellerCard) -> str:
    """A seller in the list to choose from: place by GMV, id, city and state."""
    return f"#{card.gmv_rank} {card.seller_id} {card.city}, {card.state}"


def tier_name(tier: str) -> str:
    """``Platinum``."""
    return tier.capitalize()


def bounds(card: SellerCard) -> str:
    """What a seller lacks for the next tier, in words."""
    if card.next_tier is None:
        return "It is in the best tier."
    lacking = [
        words
        for is_below, words in (
            (card.is_below_next_gmv, f"GMV above {fmt.brl(card.next_tier_gmv_amount)}"),
            (
                card.is_below_next_score,
                f"{fmt.score(card.next_tier_review_score)} stars or more",
            ),
            (
                card.is_below_next_on_time,
                f"{fmt.percent(card.next_tier_on_time_rate, 0)} of deliveries on time",
            ),
        )
        if is_below
    ]
    return f"For {tier_name(card.next_tier)} it lacks {listed(lacking)}."


def listed(words: list[str]) -> str:
    """``a, b and c``."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]

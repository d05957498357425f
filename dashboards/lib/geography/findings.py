"""The titles of the geography charts: each says what its chart shows, from its data."""

from __future__ import annotations

from dashboards.lib import format as fmt
from dashboards.lib import place_metrics
from dashboards.lib.changes import moved
from dashboards.lib.geography.data import Area, GeographyData
from dashboards.lib.geography.measures import MapMeasure, kilometres, per_thousand
from dashboards.lib.metrics import ratio, share


def region_name(region: str) -> str:
    """A region in a sentence: ``the Southeast``."""
    return region if region == "Unknown" else f"the {region}"


def capitalised(text: str) -> str:
    """A text that begins a sentence; the rest keeps its capitals."""
    return text[:1].upper() + text[1:]


def state_map(data: GeographyData, measure: MapMeasure) -> str:
    """Questions 61 and 64: a measure over the states."""
    shown = list(measure.shown(data).items())
    names = {area.code: area.name for area in data.states}
    if not shown:
        return f"{measure.label} is not available for any state {data.period.when}"
    first, value = shown[0]
    if len(shown) == 1:
        return f"{measure.label} in {names[first]}: {measure.words(value)}"
    last, least = shown[-1]
    return (
        f"{measure.label} is {measure.top} in {names[first]} ({measure.words(value)}) and "
        f"{measure.bottom} in {names[last]} ({measure.words(least)})"
    )


def city_map(data: GeographyData) -> str:
    """Question 62: cities by revenue."""
    cities = data.ranked_cities
    top = cities[:10]
    brought = ratio(
        sum(city.measures.revenue_amount for city in top), data.all_cities.revenue_amount
    )
    if len(cities) <= len(top):
        return f"{_cities(len(cities))} with {data.city_minimum} orders or more"
    reached = fmt.count(sum(city.measures.num_orders > 0 for city in data.cities))
    return f"Ten of {reached} cities bring {fmt.percent(brought)} of all revenue"


def _cities(count: int) -> str:
    return "One city" if count == 1 else f"{count} cities"


def regions(data: GeographyData) -> str:
    """Questions 63 and 66: who buys less than their number says."""
    known = [area for area in data.regions if area.revenue_per_thousand is not None]
    if len(known) < 2:  # noqa: PLR2004 - one region has no other to stand against
        whole = data.whole
        return (
            f"{per_thousand(whole.revenue_per_thousand)} of revenue a year per 1,000 people "
            f"in {data.period.label}"
        )
    low = min(known, key=lambda area: area.revenue_per_thousand or 0)
    return (
        f"{capitalised(region_name(low.name))} has "
        f"{fmt.percent(ratio(low.population, data.population))} of the inhabitants and "
        f"{fmt.percent(share(low.measures, data.current))} of revenue"
    )


def growth(data: GeographyData) -> str:
    """Question 67: where revenue grows fastest."""
    base = data.growth_base
    if base.measures is None:
        return f"Growth is not available: {base.reason}"
    known = [area for area in data.regions if area.growth is not None]
    if not known:
        return f"No region has enough orders to compare with {base.period.label}"
    fastest = max(known, key=lambda area: area.growth or 0)
    text = f"{capitalised(region_name(fastest.name))} is {moved(fastest.growth)} on "
    text += base.period.label
    if len(known) > 1:
        slowest = min(known, key=lambda area: area.growth or 0)
        text += f", {region_name(slowest.name)} {moved(slowest.growth)}"
    return text


def distance(data: GeographyData) -> str:
    """Question 69: what distance does to satisfaction, with and without lateness."""
    bands = [b for b in data.bands if b.measures.average_review_score is not None]
    if len(bands) < 2:  # noqa: PLR2004 - one band has no other to stand against
        return f"Shipments travel {kilometres(data.shipments.average_distance_km)} on average"
    near, far = bands[0], bands[-1]
    return (
        f"Routes {near.words} score {fmt.score(near.measures.average_review_score)}, "
        f"{far.words} {fmt.score(far.measures.average_review_score)}; "
        f"{fmt.percent(near.measures.late_rate)} and {fmt.percent(far.measures.late_rate)} "
        "come late"
    )


def states_by_distance(data: GeographyData, shown: tuple[Area, ...]) -> str:
    """Question 69, state by state."""
    if not shown:
        return "No state has enough reviewed shipments"
    far = max(shown, key=lambda area: area.routes.average_distance_km or 0)
    near = min(shown, key=lambda area: area.routes.average_distance_km or 0)
    if far is near:
        return (
            f"Shipments to {far.name} travel {kilometres(far.routes.average_distance_km)} and "
            f"score {fmt.score(far.routes.average_review_score)}"
        )
    return (
        f"A shipment travels {kilometres(near.routes.average_distance_km)} to {near.name} and "
        f"{kilometres(far.routes.average_distance_km)} to {far.name}"
    )


def capitals(data: GeographyData) -> str:
    """Question 65: the capitals against all other places."""
    inside, outside = data.split()
    part = ratio(inside.revenue_amount, inside.revenue_amount + outside.revenue_amount)
    if part is None:
        return "No city of these states has a sale"
    text = f"State capitals bring {fmt.percent(part)} of revenue"
    ours, theirs = inside.average_delivery_days, outside.average_delivery_days
    if ours is None or theirs is None:
        return text
    return f"{text}; parcels reach them in {fmt.days(ours)}, other places in {fmt.days(theirs)}"


def freight(data: GeographyData) -> str:
    """Question 70: what is left after freight."""
    known = [
        (part, area)
        for area in data.regions
        if (part := place_metrics.freight_share(area.measures)) is not None
    ]
    if not known:
        return f"No revenue {data.period.when}"
    low, high = min(known, key=lambda k: k[0]), max(known, key=lambda k: k[0])
    text = f"Freight takes {fmt.percent(high[0])} of revenue in {region_name(high[1].name)}"
    if high[1] is low[1]:
        return text
    return f"{text}, {fmt.percent(low[0])} in {region_name(low[1].name)}"

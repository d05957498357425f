"""Everything one view of the products dashboard shows, read from one published version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dashboards.lib.changes import Comparison
from dashboards.lib.metrics import growth
from dashboards.lib.months import MonthPoint, compare, month_points
from dashboards.lib.periods import DataCalendar, Period
from dashboards.lib.products.measures import (
    MIN_UNITS,
    CategoryMeasures,
    CurvePoint,
    StageMeasures,
    curve_points,
    total,
)
from dashboards.lib.queries import products as queries
from dashboards.lib.queries.executive import StateName, read_states
from dashboards.lib.queries.products import (
    Attribute,
    CategoryName,
    CategorySums,
    Concentration,
    Product,
    ProductScope,
    StageSums,
)
from dashboards.lib.queries.warehouse import PublishedInfo, published, read_calendar, read_info

# As many rows as a reader looks through; the CSV holds the same.
MAX_PRODUCTS = 500
NUM_RATED = 7
CLASSES = ("A", "B", "C")


@dataclass(frozen=True)
class Outline:
    """What the filters need to know before anything is chosen."""

    info: PublishedInfo
    calendar: DataCalendar
    states: tuple[StateName, ...]
    categories: tuple[CategoryName, ...]
    stages: tuple[str, ...]

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions of the data, by name."""
        return tuple(sorted({state.region for state in self.states}))

    @property
    def groups(self) -> tuple[str, ...]:
        """The category groups, by name."""
        return tuple(sorted({one.group for one in self.categories}))

    def states_of(self, regions: Sequence[object]) -> tuple[str, ...]:
        """The states of some regions, by name; of all where none is named."""
        return tuple(s.state for s in self.states if not regions or s.region in regions)

    def categories_of(self, groups: Sequence[object]) -> tuple[str, ...]:
        """The categories of some groups, by name; of all where none is named."""
        return tuple(
            one.category for one in self.categories if not groups or one.group in groups
        )


@dataclass(frozen=True)
class CategoryChange:
    """A category in the period and in the one it is compared with.

    ``change`` is the growth of GMV, None without a base; ``is_rankable`` says whether the base
    has the units to be ranked by it.
    """

    name: str
    group: str
    now: CategoryMeasures
    before: CategoryMeasures | None

    @property
    def change(self) -> float | None:
        """Growth of GMV on the compared period, 0.1 for ten percent."""
        if self.before is None:
            return None
        return growth(self.now.gmv_amount, self.before.gmv_amount)

    @property
    def is_rankable(self) -> bool:
        """Whether there were units enough in the compared period."""
        return self.before is not None and self.before.num_units >= MIN_UNITS


@dataclass(frozen=True)
class ProductsData:
    """One view: what was chosen, and all its figures.

    Figures of categories are of the period and the states; those of products are of all sales
    up to the as-of date, whatever the period and the states.
    """

    info: PublishedInfo
    calendar: DataCalendar
    scope: ProductScope
    current: CategoryMeasures
    previous: Comparison[CategoryMeasures]
    year_earlier: Comparison[CategoryMeasures]
    months: tuple[MonthPoint[CategoryMeasures], ...]
    categories: tuple[CategoryChange, ...]
    growth_base: Comparison[CategoryMeasures]
    stages: tuple[StageSums, ...]
    classes: tuple[StageSums, ...]
    curve: tuple[CurvePoint, ...]
    concentration: Concentration
    num_recent: int
    best: tuple[Product, ...]
    worst: tuple[Product, ...]
    products: tuple[Product, ...]

    @property
    def period(self) -> Period:
        """The chosen period, in whole months."""
        return self.scope.period

    @property
    def has_no_sales(self) -> bool:
        """Whether the filters leave no order."""
        return self.current.is_empty

    @property
    def has_no_products(self) -> bool:
        """Whether the filters leave no product."""
        return not self.products

    @property
    def catalogue(self) -> StageMeasures:
        """The sums over all chosen products."""
        return total([one.measures for one in self.stages])

    @property
    def rankable(self) -> tuple[CategoryChange, ...]:
        """The categories that may be ranked by growth, the fastest first."""
        found = [one for one in self.categories if one.is_rankable and one.change is not None]
        return tuple(sorted(found, key=lambda one: (-(one.change or 0), one.name)))


def load_outline(path: Path) -> Outline:
    """The published version, its calendar, its states and its categories.

    Raises:
        DashboardDataError: There is nothing to read.
    """
    with published(path) as connection:
        info = read_info(connection)
        return Outline(
            info=info,
            calendar=read_calendar(connection, info.as_of_date),
            states=read_states(connection),
            categories=queries.read_categories(connection),
            stages=queries.read_stages(connection),
        )


def sales_scope(
    period: Period, regions: Sequence[object], states: Sequence[object]
) -> ProductScope:
    """The period and the places that the widgets' values describe."""
    return ProductScope(period, states=_texts(states), regions=_texts(regions))


def scope(
    sales: ProductScope,
    groups: Sequence[object],
    categories: Sequence[object],
    stages: Sequence[object],
    classes: Sequence[object],
) -> ProductScope:
    """The whole scope: that of the sales, with what is chosen of the catalogue."""
    return replace(
        sales,
        groups=_texts(groups),
        categories=_texts(categories),
        stages=_texts(stages),
        classes=_texts(classes),
    )


def _texts(values: Sequence[object]) -> tuple[str, ...]:
    return tuple(str(value) for value in values)


def load(path: Path, scope: ProductScope) -> ProductsData:
    """Everything the page shows for a scope, on one connection.

    Raises:
        DashboardDataError: There is nothing to read.
    """
    with published(path) as connection:
        info = read_info(connection)
        calendar = read_calendar(connection, info.as_of_date)
        period = scope.period

        def sums(of: Period) -> CategoryMeasures:
            return queries.read_total(connection, scope, of)

        previous = compare(calendar, period.previous(), sums, period)
        year_earlier = compare(calendar, period.year_earlier(), sums, period)
        # A year apart the seasons are the same; without such a year the period before must do.
        base = previous if year_earlier.measures is None else year_earlier
        return ProductsData(
            info=info,
            calendar=calendar,
            scope=scope,
            current=sums(period),
            previous=previous,
            year_earlier=year_earlier,
            months=month_points(
                calendar,
                period,
                queries.read_by_month(connection, scope, calendar.whole_months),
                CategoryMeasures(),
            ),
            categories=_changes(
                queries.read_by_category(connection, scope, period),
                queries.read_by_category(connection, scope, base.period)
                if base.measures is not None
                else None,
            ),
            growth_base=base,
            stages=queries.read_by(connection, scope, Attribute.LIFECYCLE_STAGE),
            classes=queries.read_by(connection, scope, Attribute.ABC_CLASS),
            curve=curve_points(queries.read_slices(connection, scope)),
            concentration=queries.read_concentration(connection, scope),
            num_recent=queries.read_num_recent(connection, scope),
            best=queries.read_rated(connection, scope, NUM_RATED, best=True),
            worst=queries.read_rated(connection, scope, NUM_RATED, best=False),
            products=queries.read_products(connection, scope, MAX_PRODUCTS),
        )


def _changes(
    now: Sequence[CategorySums], before: Sequence[CategorySums] | None
) -> tuple[CategoryChange, ...]:
    """Each category of either period; without a base where there is nothing to compare."""
    nothing = CategoryMeasures()
    then = {one.category: one for one in before or ()}
    found = [
        CategoryChange(
            one.category,
            one.group,
            one.measures,
            None if before is None else _measures(then.get(one.category), nothing),
        )
        for one in now
    ]
    seen = {one.category for one in now}
    found += [
        CategoryChange(one.category, one.group, nothing, one.measures)
        for one in before or ()
        if one.category not in seen
    ]
    return tuple(found)


def _measures(one: CategorySums | None, nothing: CategoryMeasures) -> CategoryMeasures:
    return nothing if one is None else one.measures

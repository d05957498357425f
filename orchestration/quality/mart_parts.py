"""How the marts gate measures: totals against facts, rates, jumps against the version before.

The bounds are in ``mart_suites``; those that several marts share stand here with their reason.
"""

from __future__ import annotations

from orchestration.quality.spec import Measured, Previous, between

# The sales that all marts are about: GMV of the items and orders of the facts.
FACT_GMV = "(select sum(price_amount) from core.fact_order_items where is_sale)"
FACT_ORDERS = "(select count(*) from core.fact_orders)"
FACT_SALES = "(select count(*) from core.fact_orders where is_sale)"

# Marts of persons and areas leave out orders whose customer has not arrived or is in
# quarantine; the raw gate lets as many of them through.
WITHOUT_PERSONS = 0.10

# From so many orders on a rate or a set of segments tells something.
ENOUGH_ORDERS = 1000

_STALE = (
    "The mart was not built from these facts. Run with --full-refresh; if that does not help, "
    "see what changed in the model."
)

_RATE = "Look at the newest days of the mart first: one bad delivery moves its rates."


def agrees(
    name: str, total: str, fact: str, *, expected: str, critical: float = 0.01
) -> Measured:
    """A total of the mart must be the one of the facts.

    dbt's tests compare both to the cent, group by group, where they can; a hundredth is for
    what marts leave out knowingly, such as persons whose row is in quarantine.
    """
    return between(
        name,
        f"abs({total} / nullif({fact}, 0) - 1)",
        expected=f"{expected}, difference from the facts",
        advice=_STALE,
        critical=(None, critical),
        unit="share",
        is_across=True,
    )


def rate(  # noqa: PLR0913
    name: str,
    part: str,
    whole: str,
    *,
    expected: str,
    critical: tuple[float, float],
    warning: tuple[float, float],
) -> Measured:
    """A share of two sums of the mart, once the whole is large enough to tell."""
    return between(
        name,
        f"case when sum({whole}) >= {ENOUGH_ORDERS} then sum({part}) / sum({whole}) end",
        expected=expected,
        advice=_RATE,
        critical=critical,
        warning=warning,
        unit="share",
    )


def average(  # noqa: PLR0913
    name: str,
    total: str,
    number: str,
    *,
    expected: str,
    critical: tuple[float, float],
    warning: tuple[float, float],
) -> Measured:
    """A mean from two sums of the mart, once the number is large enough to tell."""
    return between(
        name,
        f"case when sum({number}) >= {ENOUGH_ORDERS} then sum({total}) / sum({number}) end",
        expected=expected,
        advice=_RATE,
        critical=critical,
        warning=warning,
    )


def keeps(name: str, total: str, *, expected: str, room: float) -> Measured:
    """A total of all history: it does not shrink, and does not leap.

    What was sold stays sold: late cancellations and rows that go into quarantine take a share
    of a hundredth at the very most, so more is critical. Upwards even a replayed month is
    legitimate, so a leap is a warning, and a young warehouse may leap by ``room``.
    """
    return between(
        name,
        total,
        expected=f"{expected} against the version before",
        advice="Compare with the version before (docs/runbook.md, versions): which months or "
        "states have changed?",
        critical=(Previous(name, 0.97), None),
        warning=(Previous(name, 0.995), Previous(name, 1.5, room)),
    )


def stays_near(name: str, measure: str, *, expected: str, by: float) -> Measured:
    """A rate over all history moves slowly; a step means that its rule or its data changed."""
    return between(
        name,
        measure,
        expected=f"{expected}, near that of the version before",
        advice=_RATE,
        warning=(Previous(name, 1.0, -by), Previous(name, 1.0, by)),
        unit="share",
    )


def complete(  # noqa: PLR0913
    name: str, column: str, values: int, *, enough: int, expected: str, is_critical: bool = True
) -> Measured:
    """All groups are there, once the mart has ``enough`` rows to hold each."""
    return between(
        name,
        f"case when count(*) >= {enough} then count(distinct {column}) end",
        expected=expected,
        advice="A rule lost a group: see the thresholds in dbt_project.yml and the model.",
        critical=(values, values) if is_critical else None,
        warning=None if is_critical else (values, values),
    )


def no_group_takes_all(  # noqa: PLR0913
    name: str,
    table: str,
    column: str,
    *,
    expected: str,
    enough: str = f"count(*) >= {ENOUGH_ORDERS}",
    is_critical: bool = True,
) -> Measured:
    """No group holds nearly every row that has one: then the rule decides nothing any more."""
    return between(
        name,
        f"case when {enough} then count(*) filter ({column} = "
        f"(select mode({column}) from {table})) / count({column}) end",
        expected=expected,
        advice="A rule lost its meaning: see the thresholds in dbt_project.yml and the model.",
        critical=(None, 0.98) if is_critical else None,
        warning=None if is_critical else (None, 0.98),
        unit="share",
    )


def never_negative(*columns: str) -> Measured:
    """Amounts and counts are sums of what is never below zero."""
    return between(
        "nothing_is_negative",
        f"min(least({', '.join(columns)}))",
        expected=f"smallest of {', '.join(columns)}",
        advice="An amount below zero came through staging, or a difference replaced a sum.",
        critical=(0, None),
    )

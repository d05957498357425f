"""The BG/NBD model of repeated purchases: how often somebody comes who may have left unseen.

Fader, Hardie, Lee, "Counting Your Customers the Easy Way" (Marketing Science 24(2), 2005). As
long as a customer is there, purchases come at random at a rate that is gamma distributed over
customers (shape r, rate alpha); after each one the customer leaves with a chance that is beta
distributed (a, b). Times are weeks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Parameters = tuple[float, ...]
# Where the search begins, and how far the logarithms of the four may go.
_START = (0.02, 5.0, 2.0, 0.5)
_BOUND = (-7.0, 4.0)


@dataclass(frozen=True)
class Histories:
    """What the model knows of each customer; arrays of one length.

    Attributes:
        repeats: Days with a purchase after the first one (x).
        last: Weeks from the first purchase to the last (t_x), 0 without repeats.
        age: Weeks from the first purchase to the day of the forecast (T).
    """

    repeats: Floats
    last: Floats
    age: Floats


def fit(of: Histories) -> Parameters:
    """Fit (r, alpha, a, b) by maximum likelihood.

    Raises:
        RuntimeError: The search does not converge.
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - a fit alone needs it

    # Customers alike are one term of the likelihood: some thousands instead of ninety.
    same = pd.DataFrame({"x": of.repeats, "t": of.last, "age": of.age}).value_counts(sort=False)
    x, t, ages = (same.index.get_level_values(i).to_numpy(float) for i in range(3))
    found = minimize(
        _loss,
        np.log(_START),
        args=(x, t, ages, same.to_numpy(float)),
        method="L-BFGS-B",
        bounds=[_BOUND] * 4,
    )
    if not found.success:
        msg = f"BG/NBD does not converge: {found.message}"
        raise RuntimeError(msg)
    r, alpha, a, b = np.exp(found.x)
    return float(r), float(alpha), float(a), float(b)


def expected(parameters: Parameters, of: Histories, weeks: float) -> Floats:
    """Expected purchases of each customer in so many weeks from now on (formula 10)."""
    from scipy.special import hyp2f1  # noqa: PLC0415 - scipy takes a while

    r, alpha, a, b = parameters
    x, t, ages = of.repeats, of.last, of.age
    shrinks = ((alpha + ages) / (alpha + ages + weeks)) ** (r + x)
    series = hyp2f1(r + x, b + x, a + b + x - 1, weeks / (alpha + ages + weeks))
    there = 1 + (x > 0) * a / np.where(x > 0, b + x - 1, 1) * (
        (alpha + ages) / (alpha + t)
    ) ** (r + x)
    purchases: Floats = (a + b + x - 1) / (a - 1) * (1 - shrinks * series) / there
    return purchases


def _loss(logs: Floats, x: Floats, t: Floats, age: Floats, number: Floats) -> float:
    """The negative log-likelihood of a mean customer (formula 7)."""
    from scipy.special import gammaln  # noqa: PLC0415 - a fit alone needs it

    r, alpha, a, b = np.exp(logs)
    common = (
        gammaln(r + x)
        - gammaln(r)
        + r * np.log(alpha)
        + gammaln(a + b)
        + gammaln(b + x)
        - gammaln(b)
        - gammaln(a + b + x)
    )
    stays = -(r + x) * np.log(alpha + age)
    leaves = np.where(
        x > 0,
        np.log(a) - np.log(np.where(x > 0, b + x - 1, 1)) - (r + x) * np.log(alpha + t),
        -np.inf,
    )
    return float(-(number * (common + np.logaddexp(stays, leaves))).sum() / number.sum())

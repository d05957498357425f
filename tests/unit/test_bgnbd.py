"""BG/NBD by a second route: its likelihood by integration, its expectation by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta, gamma

from orchestration.models import bgnbd

TRUE = (0.6, 6.0, 1.5, 2.5)
SEED = 5


def _integrated(x: int, last: float, age: float) -> float:
    """The likelihood of one customer: its mean over all rates and chances to leave."""
    r, alpha, a, b = TRUE
    places = (np.arange(1_000) + 0.5) / 1_000
    rate = gamma.ppf(places, r, scale=1 / alpha)[:, None]
    leaves = beta.ppf(places, a, b)[None, :]
    stays = (1 - leaves) ** x * rate**x * np.exp(-rate * age)
    gone = leaves * (1 - leaves) ** (x - 1) * rate**x * np.exp(-rate * last) if x else 0.0
    return float((stays + gone).mean())


@pytest.mark.parametrize(
    ("x", "last", "age"), [(0, 0.0, 30.0), (1, 4.0, 30.0), (3, 25.0, 26.0), (2, 3.0, 50.0)]
)
def test_the_likelihood_is_that_of_the_process(x: int, last: float, age: float) -> None:
    one = [np.array([float(value)]) for value in (x, last, age, 1)]
    assert np.exp(-bgnbd._loss(np.log(TRUE), *one)) == pytest.approx(
        _integrated(x, last, age), rel=1e-3
    )


def _simulated(number: int, weeks: float, further: float) -> tuple[bgnbd.Histories, np.ndarray]:
    """Customers whose purchases come and end as the model says, and their further purchases."""
    r, alpha, a, b = TRUE
    random = np.random.default_rng(SEED)
    ages = random.uniform(weeks / 2, weeks, number)
    found = []
    for age, rate, leaves in zip(
        ages, random.gamma(r, 1 / alpha, number), random.beta(a, b, number), strict=True
    ):
        moment, repeats, last, later = 0.0, 0, 0.0, 0
        while random.random() >= leaves or moment == 0.0:
            moment += random.exponential(1 / rate)
            if moment > age + further:
                break
            if moment > age:
                later += 1
            else:
                repeats, last = repeats + 1, moment
        found.append((repeats, last, later))
    repeats_, lasts, laters = np.array(found, dtype=float).T
    return bgnbd.Histories(repeats_, lasts, ages), laters


def test_the_purchases_to_come_are_those_of_the_process() -> None:
    histories, later = _simulated(20_000, 60, 26)
    fitted = bgnbd.fit(histories)
    expected = bgnbd.expected(fitted, histories, 26)
    assert expected.sum() == pytest.approx(later.sum(), rel=0.05)
    for group in (histories.repeats == 0, histories.repeats == 1, histories.repeats > 1):
        assert expected[group].mean() == pytest.approx(later[group].mean(), rel=0.15)
    assert fitted[0] == pytest.approx(TRUE[0], rel=0.15)


def test_customers_of_one_history_are_expected_to_buy_alike() -> None:
    same = bgnbd.Histories(*(np.array([value] * 3) for value in (1.0, 4.0, 9.0)))
    assert len(set(bgnbd.expected(TRUE, same, 26))) == 1

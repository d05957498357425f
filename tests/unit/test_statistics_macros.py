"""The statistics of the questions against scipy: what DuckDB computes, and the portable SQL.

The macros are filled in as dbt does it, each with the implementation of DuckDB and with the one
of a database that has neither ``lgamma`` nor ``unnest``; DuckDB runs both.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2
import numpy as np
import pytest
import yaml
from scipy import special, stats

from tests.support.questions import DBT_PROJECT

Z = float(stats.norm.ppf(0.975))


class Macros:
    """The macros of arithmetic and statistics, filled in for one database."""

    def __init__(self, database: str) -> None:
        """Read them; what has no implementation for the database has the default one."""
        project = yaml.safe_load((DBT_PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
        environment = jinja2.Environment()  # noqa: S701 - it makes SQL, no page
        environment.globals |= {
            "var": project["vars"].__getitem__,
            "return": lambda value: value,
            "adapter": SimpleNamespace(dispatch=self._dispatch),
        }
        self._database = database
        self._module = environment.from_string(
            "".join(
                (DBT_PROJECT / "macros" / f"{name}.sql").read_text(encoding="utf-8")
                for name in ("arithmetic", "statistics")
            )
        ).module

    def sql(self, name: str, *arguments: str) -> str:
        """What a macro makes of its arguments."""
        return str(getattr(self._module, name)(*arguments))

    def _dispatch(self, name: str) -> Callable[..., str]:
        names = (f"{self._database}__{name}", f"default__{name}")
        found: Callable[..., str] = getattr(
            self._module, next(one for one in names if hasattr(self._module, one))
        )
        return found


@pytest.fixture(params=["duckdb", "portable"])
def macros(request: pytest.FixtureRequest) -> Macros:
    return Macros(request.param)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def ask(
    connection: duckdb.DuckDBPyConnection, expression: str, rows: Sequence[tuple[Any, ...]]
) -> list[Any]:
    """An expression over ``a``, ``b``, ``c``, ... of some rows, in their order."""
    columns = "abcdef"[: len(rows[0])]
    values = ", ".join(
        f"({n}, {', '.join('null' if one is None else repr(one) for one in row)})"
        for n, row in enumerate(rows)
    )
    found = connection.execute(
        f"select {expression} from (values {values}) as rows_ (n, {', '.join(columns)})"
        " order by n"
    ).fetchall()
    return [value for (value,) in found]


def test_the_logarithm_of_a_factorial_is_that_of_scipy(
    macros: Macros, connection: duckdb.DuckDBPyConnection
) -> None:
    numbers = [*range(30), 99, 1_000, 41_746, 99_441, 1_000_000]
    found = ask(connection, macros.sql("log_factorial", "a"), [(n,) for n in numbers])
    assert found == pytest.approx(special.gammaln(np.array(numbers) + 1), rel=1e-14, abs=1e-12)


def test_wilsons_interval_is_that_of_scipy(
    macros: Macros, connection: duckdb.DuckDBPyConnection
) -> None:
    cases = [(0, 1), (1, 1), (0, 68), (3, 217), (4, 20), (545, 41_746), (97, 97)]
    for side in ("low", "high"):
        found = ask(connection, macros.sql("wilson_bound", "a", "b", side), cases)
        wanted = [
            getattr(stats.binomtest(k, n).proportion_ci(method="wilson"), side)
            for k, n in cases
        ]
        assert found == pytest.approx(wanted, abs=1e-12)
    assert ask(
        connection, macros.sql("wilson_bound", "a", "b", "low"), [(0, 0), (None, 9)]
    ) == [None, None]


def test_the_tails_of_the_binomial_are_exact(
    macros: Macros, connection: duckdb.DuckDBPyConnection
) -> None:
    rng = random.Random(7)  # noqa: S311 - no secret
    cases = [
        *[(4, 20, 0.0035), (4, 23, 0.0035), (0, 20, 0.0035), (3, 217, 0.0046), (0, 5, 0.0)],
        *[(5, 5, 1.0), (2, 9, 0.0), (545, 41_746, 0.0124), (20_873, 41_746, 0.5), (1, 1, 0.3)],
        *[(400, 41_746, 0.0124), (60, 30_000, 0.0001), (49_000, 50_000, 0.975), (0, 900, 0.5)],
    ]
    for _ in range(200):
        trials = int(10 ** rng.uniform(0, 4.7))
        rate = rng.choice([rng.random(), 10 ** rng.uniform(-4, 0)])
        drawn = int(stats.binom.rvs(trials, rate, random_state=rng.randrange(10**6)))
        cases.append((min(trials, drawn + rng.choice([0, 0, 5])), trials, rate))
    values = ", ".join(f"({n}, {k}, {t}, {p!r})" for n, (k, t, p) in enumerate(cases))
    found = connection.execute(
        f"with counts_ as (select * from (values {values}) as rows_ (id, k, n, p)), tests as ("
        f"{macros.sql('binomial_tests', 'counts_', 'id', 'k', 'n', 'p')}"
        ") select fewer_p_value, more_p_value, p_value from tests order by id"
    ).fetchall()
    fewer, more, both = zip(*found, strict=True)
    counts, trials_, rates = map(np.array, zip(*cases, strict=True))
    wanted_fewer = stats.binom.cdf(counts, trials_, rates)
    wanted_more = stats.binom.sf(counts - 1, trials_, rates)
    assert fewer == pytest.approx(wanted_fewer, abs=1e-9)
    assert more == pytest.approx(wanted_more, abs=1e-9)
    # The small tail keeps its digits, however small: that is what is compared and corrected.
    smaller = np.minimum(wanted_fewer, wanted_more)
    assert both == pytest.approx(np.minimum(1, 2 * smaller), rel=1e-8)


def test_groups_without_a_trial_or_a_rate_are_not_tested(
    macros: Macros, connection: duckdb.DuckDBPyConnection
) -> None:
    sql = (
        "with counts_ as "
        "(select * from (values (1, 0, 0, 0.5), (2, 1, 4, null)) as r (id, k, n, p))"
        f" {macros.sql('binomial_tests', 'counts_', 'id', 'k', 'n', 'p')}"
    )
    assert connection.execute(sql).fetchall() == []


def test_discoveries_are_those_of_benjamini_and_hochberg(
    macros: Macros, connection: duckdb.DuckDBPyConnection
) -> None:
    rng = np.random.default_rng(3)
    p_values = [*rng.random(80), *rng.random(20) / 500, 0.01, 0.01, 1.0]
    values = ", ".join(f"({n}, {float(p)!r})" for n, p in enumerate(p_values))
    found = connection.execute(
        f"with tests as (select * from (values {values}, (999, null)) as rows_ (id, p_value)),"
        f" found as ({macros.sql('discoveries', 'tests', 'id')})"
        " select adjusted_p_value, is_discovery, num_tests from found order by id"
    ).fetchall()
    adjusted, is_discovery, num_tests = zip(*found, strict=True)
    wanted = stats.false_discovery_control(p_values)
    assert adjusted == pytest.approx(wanted, abs=1e-12)
    assert list(is_discovery) == list(wanted <= 0.05)
    assert 0 < sum(is_discovery) < len(p_values)
    assert set(num_tests) == {len(p_values)}


def test_the_interval_of_a_mean_is_students(
    macros: Macros, connection: duckdb.DuckDBPyConnection
) -> None:
    rng = np.random.default_rng(5)
    for size, error in [(5, 1e-4), (20, 1e-8), (400, 1e-9), (41_746, 1e-9)]:
        stars = rng.choice([1, 2, 3, 4, 5], size, p=[0.1, 0.05, 0.1, 0.2, 0.55])
        sums = [(int(stars.sum()), int((stars**2).sum()), size)]
        interval = stats.t.interval(0.95, size - 1, loc=stars.mean(), scale=stats.sem(stars))
        for side, wanted in zip(("low", "high"), interval, strict=True):
            found = ask(connection, macros.sql("mean_bound", "a", "b", "c", side), sums)
            assert found == pytest.approx([wanted], rel=error)
    assert ask(connection, macros.sql("mean_bound", "a", "b", "c", "low"), [(20, 80, 4)]) == [
        None
    ]


def test_the_interval_of_a_slope_is_that_of_scipy(
    macros: Macros, connection: duckdb.DuckDBPyConnection
) -> None:
    rng = np.random.default_rng(9)
    for size, error in [(6, 1e-3), (24, 1e-7), (400, 1e-9)]:
        x = np.arange(size)
        y = 3.0 - 0.2 * x + rng.normal(size=size)
        line = stats.linregress(x, y)
        margin = stats.t.ppf(0.975, size - 2) * line.stderr
        rows = [(float(a), int(b)) for a, b in zip(y, x, strict=True)]
        for side, wanted in (("low", line.slope - margin), ("high", line.slope + margin)):
            query = macros.sql("slope_bound", "a", "b", side)
            values = ", ".join(map(repr, rows))
            found = connection.execute(f"select {query} from (values {values}) as r (a, b)")
            assert found.fetchone() == (pytest.approx(wanted, rel=error),)


def test_few_ratings_are_drawn_to_the_mean_of_all(
    macros: Macros, connection: duckdb.DuckDBPyConnection
) -> None:
    expression = macros.sql("shrunken_mean", "a", "b", "c")
    found = ask(connection, expression, [(5, 1, 4.09), (5_000, 1_000, 4.09), (0, 0, 4.09)])
    wanted = [(5 + 20 * 4.09) / 21, (5_000 + 20 * 4.09) / 1_020, 4.09]
    assert found == pytest.approx(wanted, abs=1e-12)


def test_the_level_of_an_interval_is_95_percent() -> None:
    project = yaml.safe_load((DBT_PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    assert project["vars"]["interval_z"] == pytest.approx(Z, abs=1e-15)

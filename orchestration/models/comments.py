"""Whether a comment speaks of a bad experience: a probability for each text in Portuguese.

TF-IDF of words and pairs of words, and a logistic regression on whether the review has one or
two stars. DuckDB cuts the texts and adds up the weights; only a fit needs scikit-learn. What a
comment is about is no matter of this model: mart_review_themes has rules that can be read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from orchestration.dbt.variables import var
from orchestration.models.folds import Fold, figures, months, plots
from orchestration.models.metrics import auc
from orchestration.models.model import MIN_ROWS_TO_FIT, SEED, Backtest, Content

if TYPE_CHECKING:
    import duckdb

Floats = NDArray[np.float64]
STRENGTH = 3.0
# Rarer words and pairs are names and slips of the pen.
LEAST_TEXTS = 5
METHOD = "words"
NAIVE_METHOD = "share of all comments"
_MIDDLE_SCORE = 3
# The first month of the folds.
FIRST_ORIGIN = date(2018, 2, 1)

# Accents and capitals are left out by many; marks of exclamation say something, other signs do
# not. A sum may not depend on the order of its rows, which is why those below are of decimals.
_TERMS = """
    with texts as (
        select
            review_key, creation_date, cast(answered_at as date) as answered_date, review_score,
            regexp_extract_all(
                strip_accents(lower(
                    coalesce(comment_title || ' . ', '') || coalesce(comment_message, '')
                )),
                '[a-z]+|[!?]+'
            ) as words
        from core.fact_reviews
        where has_comment
    ),
    pairs as (
        select
            review_key,
            unnest(list_concat(
                words,
                list_transform(
                    generate_series(1, len(words) - 1),
                    lambda k: words[k] || ' ' || words[k + 1]
                )
            )) as term
        from texts
    ),
    terms as (
        select review_key, term, 1 + ln(count(*)) as frequency
        from pairs
        group by review_key, term
    )
"""


class Texts:
    """The comments and their terms, as sparse as they are.

    Attributes:
        rows: One row a comment: review_key, creation_date, answered_date, review_score.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        """Read the comments of ``core.fact_reviews``."""
        self.rows = con.execute(
            _TERMS + "select * exclude (words) from texts order by review_key"
        ).df()
        found = con.execute(
            _TERMS
            + """
            , numbered as (
                select review_key, row_number() over (order by review_key) - 1 as row from texts
            )
            select numbered.row, terms.term, terms.frequency
            from terms
            inner join numbered on terms.review_key = numbered.review_key
            where terms.term in (
                select term from terms group by term having count(*) >= ?
            )
            order by terms.term, numbered.row
            """,
            [LEAST_TEXTS],
        ).fetchnumpy()
        self._row, self._frequency = found["row"].astype(int), found["frequency"]
        column, terms = pd.factorize(found["term"])
        self._column, self._terms = column, [str(term) for term in terms]

    def is_low(self) -> Floats:
        """Whether each has one or two stars, 0 or 1."""
        low = self.rows["review_score"] <= var("negative_review_max_score")
        return cast("Floats", low.to_numpy(float))

    def fit(self, is_known: NDArray[np.bool_]) -> Content | None:
        """Learn from some of the comments; None below the least number."""
        from scipy.sparse import csr_matrix  # noqa: PLC0415 - a fit alone needs it
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - a fit alone needs it
        from sklearn.preprocessing import normalize  # noqa: PLC0415 - a fit alone needs it

        labels = self.is_low()[is_known]
        if len(labels) < MIN_ROWS_TO_FIT or labels.min() == labels.max():
            return None
        shape = (len(self.rows), len(self._terms))
        matrix = csr_matrix((self._frequency, (self._row, self._column)), shape=shape)[is_known]
        in_texts = matrix.getnnz(axis=0)
        kept = np.flatnonzero(in_texts >= LEAST_TEXTS)
        rarity = np.log((1 + len(labels)) / (1 + in_texts[kept])) + 1
        weighted = normalize(matrix[:, kept].multiply(rarity).tocsr())
        model = LogisticRegression(
            C=STRENGTH, solver="liblinear", tol=0.01, random_state=SEED
        ).fit(weighted, labels)
        return {
            "terms": [self._terms[column] for column in kept],
            "rarity": rarity.round(6).tolist(),
            "weights": model.coef_[0].round(6).tolist(),
            "intercept": float(model.intercept_[0]),
        }


def probabilities(con: duckdb.DuckDBPyConnection, content: Content) -> pd.DataFrame:
    """review_key and negative_rate of every comment."""
    return con.execute(
        _TERMS
        + """
        , vocabulary as (
            select unnest($terms) as term, unnest($rarity) as rarity, unnest($weights) as weight
        ),
        summed as (
            select
                terms.review_key,
                sum(cast(frequency * rarity * weight as decimal(18, 9))) as score,
                sum(cast(power(frequency * rarity, 2) as decimal(18, 9))) as square
            from terms
            inner join vocabulary on terms.term = vocabulary.term
            group by terms.review_key
        )
        select
            texts.review_key,
            1 / (1 + exp(
                -$intercept - coalesce(cast(score as double) / sqrt(cast(square as double)), 0)
            )) as negative_rate
        from texts
        left join summed on texts.review_key = summed.review_key
        order by texts.review_key
        """,
        dict(content),
    ).df()


class ReviewThemes:
    """The model of mart_review_themes."""

    name = "review_themes"
    features = ()
    code = ("comments.py",)
    columns: Mapping[str, str] = {
        "review_key": "varchar",
        "scored_as_of_date": "date",
        "negative_rate": "double",
        "method": "varchar",
    }

    def fit(self, con: duckdb.DuckDBPyConnection, as_of: date) -> Content | None:
        """Learn from the comments answered by then; None below the least number."""
        texts = Texts(con)
        known = texts.rows["answered_date"] < pd.Timestamp(as_of + timedelta(days=1))
        return texts.fit(known.to_numpy())

    def score(
        self, con: duckdb.DuckDBPyConnection, content: Content | None, as_of: date
    ) -> pd.DataFrame:
        """Every comment; without a fit the share of comments with one or two stars."""
        if content is not None:
            return _dated(probabilities(con, content), as_of, METHOD)
        rows = con.execute(
            """
            select
                review_key,
                -- Counts, since the last digit of a mean of floats depends on the threads.
                count(*) filter (where review_score <= ?) over () / count(*) over ()
                    as negative_rate
            from core.fact_reviews
            where has_comment
            order by review_key
            """,
            [var("negative_review_max_score")],
        ).df()
        return _dated(rows, as_of, NAIVE_METHOD)

    def backtest(self, con: duckdb.DuckDBPyConnection, as_of: date) -> Backtest:
        """The comments of each month from February 2018 on, by a fit of before it."""
        texts, themes = Texts(con), num_themes(con)
        rows, labels = texts.rows, texts.is_low()
        folds = []
        for day in months(FIRST_ORIGIN, as_of):
            until = min((pd.Timestamp(day) + pd.offsets.MonthEnd(0)).date(), as_of)
            is_known = (rows["answered_date"] < pd.Timestamp(day)).to_numpy()
            is_tested = (
                rows["creation_date"].between(pd.Timestamp(day), pd.Timestamp(until)).to_numpy()
            )
            content = texts.fit(is_known)
            if content is None or not is_tested.any():
                continue
            chances = probabilities(con, content)["negative_rate"].to_numpy()[is_tested]
            tested = labels[is_tested]
            rest = (rows["review_score"] != _MIDDLE_SCORE).to_numpy()[is_tested]
            folds.append(
                Fold(
                    day,
                    until,
                    tested,
                    chances,
                    themes[is_tested],
                    float(labels[is_known].mean()),
                    {
                        "accuracy": (
                            float(
                                (
                                    (chances >= var("negative_comment_from_rate")) == tested
                                ).mean()
                            ),
                            float(((themes[is_tested] > 0) == tested).mean()),
                        ),
                        "auc_without_three_stars": (
                            auc(tested[rest], chances[rest]),
                            auc(tested[rest], themes[is_tested][rest]),
                        ),
                    },
                )
            )
        return Backtest(figures(folds), CARD, plots(folds, "number of themes"))


def _dated(rows: pd.DataFrame, as_of: date, method: str) -> pd.DataFrame:
    """The columns of the table of scores, in order."""
    return rows.assign(scored_as_of_date=as_of, method=method)[list(ReviewThemes.columns)]


def num_themes(con: duckdb.DuckDBPyConnection) -> Floats:
    """How many of the themes (var review_themes) each comment speaks of, by its key."""
    speaks = [
        " or ".join(f"comment_text like '%{pattern(term)}%'" for term in theme["terms"])
        for theme in var("review_themes")
    ]
    found = con.execute(
        f"""
        select {" + ".join(f"cast(({theme}) as integer)" for theme in speaks)} as number
        from (
            select
                review_key,
                lower(coalesce(comment_title || ' ', '') || coalesce(comment_message, ''))
                    as comment_text
            from core.fact_reviews
            where has_comment
        )
        order by review_key
        """
    ).fetchnumpy()
    return cast("Floats", found["number"].astype(float))


def pattern(term: str) -> str:
    """A term for ``like``: other signs than plain letters match any (macro term_pattern)."""
    return re.sub("[^a-z ]", "_", term)


CARD = """
**What for.** The probability that a comment comes with one or two stars
(`mart_review_themes`, question 33): how negative a text is, whatever the stars say. Themes
beside it are rules of words (var `review_themes`) that anybody can read and change; they are
not learnt.

**Data.** Title and text of the comments, small letters, without accents. No text leaves the
facts: fits hold words and pairs of words of at least five comments, in the warehouse
directory.

**Method.** TF-IDF of words and pairs of words and a logistic regression. DuckDB counts the
words, for the fit as for the scores, which is why all 42,687 comments are scored in half a
second and none needs to be remembered.

**Folds.** The comments of each month from February 2018 on, the last month up to the as-of
date, by words learnt before it. Naive is the number of themes that the rules find.

{figures}

![AUC by fold](review_themes-auc.svg)
![Calibration](review_themes-calibration.svg)

**Where it fails.** Three stars: their texts are half complaint, half praise. Irony, and a
good product that came late. Scores of comments that the fit has learnt from are a little too
sure.

**Who may use it.** Anybody who reads comments, to begin with the worst. It sorts texts, not
customers.
"""


MODEL = ReviewThemes()

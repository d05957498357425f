"""The regression as plain numbers says what scikit-learn's says, and why."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from orchestration.models.logistic import Logistic, reasons

TOPICS = {"age": ("age",), "money": ("price", "freight"), "rest": ("constant",)}


@pytest.fixture
def design() -> pd.DataFrame:
    random = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "age": random.normal(40, 9, 500),
            "price": random.lognormal(3, 1, 500),
            "freight": random.normal(0, 1, 500),
            "constant": 1.0,
        }
    )


@pytest.fixture
def labels(design: pd.DataFrame) -> np.ndarray:
    random = np.random.default_rng(4)
    odds = (design["age"] - 40) / 5 + design["freight"]
    return np.where(random.random(500) < 1 / (1 + np.exp(-odds)), 1.0, 0.0)


def test_its_probabilities_are_those_of_scikit_learn(
    design: pd.DataFrame, labels: np.ndarray
) -> None:
    fitted = Logistic.fit(design, labels, 0.1)
    theirs = make_pipeline(
        StandardScaler(),
        FunctionTransformer(lambda values: np.clip(values, -3, 3)),
        LogisticRegression(C=0.1, max_iter=1_000),
    ).fit(design.to_numpy(), labels)
    again = Logistic.read(json.loads(json.dumps(fitted.numbers())))
    assert again.probability(design) == pytest.approx(
        theirs.predict_proba(design.to_numpy())[:, 1], abs=1e-9
    )


def test_the_order_of_the_columns_of_a_design_does_not_matter(
    design: pd.DataFrame, labels: np.ndarray
) -> None:
    fitted = Logistic.fit(design, labels, 0.1)
    assert list(fitted.probability(design[design.columns[::-1]])) == list(
        fitted.probability(design)
    )


def test_the_topics_of_a_row_add_up_to_its_log_odds(
    design: pd.DataFrame, labels: np.ndarray
) -> None:
    fitted = Logistic.fit(design, labels, 0.1)
    odds = fitted.by_topic(design, TOPICS).sum(axis=1) + fitted.intercept
    assert (1 / (1 + np.exp(-odds))).to_numpy() == pytest.approx(fitted.probability(design))


def test_reasons_are_what_raises_a_score_most_and_never_what_lowers_it() -> None:
    effects = pd.DataFrame({"age": [0.5, -1.0, 0.1], "money": [2.0, 0.2, -3.0]})
    found = reasons(effects, effects.index)
    assert list(found["reason_1"]) == ["money", "money", "age"]
    assert found["reason_2"].tolist() == ["age", None, None]


def test_without_a_model_there_are_no_reasons() -> None:
    assert reasons(None, pd.RangeIndex(2)).isna().all(axis=None)

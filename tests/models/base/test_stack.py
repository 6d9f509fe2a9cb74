"""Many draws of the parameters evaluated together give what each gives alone."""

import numpy as np
import pytest
from models_cdnow import customers, fitted, frame

from retention_kit import models
from retention_kit.errors import FitError
from retention_kit.models.base.posterior import at_once
from retention_kit.models.base.rows import read
from retention_kit.models.futures.drawn_futures import Purchases, columns_of
from retention_kit.models.futures.forecast import forecast
from retention_kit.models.spend.customer_value import Value

HISTORIES = frame([0, 0, 1, 3, 3, 9, 25], [0, 0, 2.5, 2.0, 30.0, 31.0, 60.0], [1.0, 70.0, 3.0, 38.0, 38.0, 31.5, 61.0])


def drawn(name):
    """Draws of a fit, and some far from it: one and three panels, gentle and steep integrands."""
    far = {
        "BGNBD": [(0.85, 2.8, 10.0, 0.8), (3.0, 0.1, 0.05, 0.4), (0.01, 500.0, 1.0, 900.0)],
        "MBGNBD": [(1.6, 0.3, 2.3, 0.3), (3.0, 0.1, 0.05, 0.4), (0.01, 500.0, 1.0, 900.0)],
        "BGCNBD": [(0.85, 2.8, 10.0, 0.8), (3.0, 0.1, 0.05, 0.4), (0.01, 500.0, 1.0, 900.0)],
        "MBGCNBD": [(1.6, 0.3, 2.3, 0.3), (3.0, 0.1, 0.05, 0.4), (0.01, 500.0, 1.0, 900.0)],
        "ParetoNBD": [(0.4, 2.5, 12.5, 5.1), (3.0, 0.1, 0.05, 0.4), (0.01, 500.0, 1.0, 900.0)],
    }
    return np.vstack([fitted(name).draws(12, seed=3), far[name]])


def as_columns(lines):
    """Parameters × draws × 1, as a process takes many draws."""
    return lines.T[:, :, None]


@pytest.mark.parametrize("name", ["BGNBD", "MBGNBD", "BGCNBD", "MBGCNBD", "ParetoNBD"])
@pytest.mark.parametrize("rough", [True, False])
def test_columns_of_parameters_answer_as_each_line_of_them(name, rough):
    lines, rows, process = drawn(name), read(HISTORIES), fitted(name).process
    start, length = np.array([0.0, 4.0, 90.0]), np.array([4.3, 4.4, 4.3])
    answers = {
        "alive": lambda theta: process.alive(theta, rows),
        "expected": lambda theta: process.expected(theta, rows, 30.0),
        "stay": lambda theta: process.stay(theta, rows, 30.0),
        "discounted": lambda theta: process.discounted(theta, rows, 52.0, 0.003, rough),
        "for ever": lambda theta: process.discounted(theta, rows, np.inf, 0.003, rough),
        "cohort": lambda theta: process.buy_between(theta, start, length, rough),
    }
    for answer in answers.values():
        np.testing.assert_allclose(answer(as_columns(lines)), [answer(theta) for theta in lines], rtol=1e-12)


@pytest.mark.parametrize("name", ["BGNBD", "ParetoNBD"])
def test_values_of_columns_of_parameters_are_those_of_each_draw(name):
    rows = read(HISTORIES.assign(_spent=[0, 0, 20.0, 35.0, 12.0, 80.0, 5.0]), ("frequency", "recency", "T", "_spent"))
    spend = fitted("GammaGamma")
    lines = np.hstack([fitted(name).draws(9, 0), spend.draws(9, 1)])
    question = Value(fitted(name).process, spend.process, 52.0, 0.002, 0.4)
    together = question.expected(as_columns(lines), rows, rough=True)
    np.testing.assert_allclose(together, [question.expected(theta, rows, rough=True) for theta in lines], rtol=1e-12)
    heavy = as_columns(np.vstack([spend.draws(2, 1), (6.0, 0.9, 15.0)]))
    with pytest.raises(FitError, match=r"q = 0\.9 is not above 1"):
        spend.process.expected(heavy, rows["frequency"], rows["_spent"])


@pytest.mark.parametrize("name", ["ShiftedBetaGeometric", "BetaDiscreteWeibull"])
def test_survival_of_columns_of_parameters_is_that_of_each_draw(name):
    table = models.renewals([0.87, 0.74, 0.65, 0.59, 0.55, 0.52])
    model, t = getattr(models, name).fit(table, weights="weights"), np.arange(30)
    lines = model.draws(7, 0)
    together = np.exp(model.process.log_survival(as_columns(lines), t))
    np.testing.assert_array_equal(together, [model.with_parameters(theta).survival(t) for theta in lines])


@pytest.mark.parametrize("name", ["BGNBD", "MBGCNBD", "ParetoNBD"])
@pytest.mark.parametrize("by", [None, []])
def test_few_customers_are_forecast_as_draw_by_draw(name, by, monkeypatch):
    """The same futures too: the generator is asked in the same order."""
    model, table = fitted(name), customers().head(40)
    question, lines = Purchases(model.process, 30.0), model.draws(25, 0)
    together = forecast(question, model.theta, lines, table, title=name, by=by, seed=4)
    monkeypatch.setattr("retention_kit.models.futures.drawn_futures.at_once", lambda *_: 1)
    apart = forecast(question, model.theta, lines, table, title=name, by=by, seed=4)
    np.testing.assert_allclose(together, apart, rtol=1e-12)


def test_draws_are_evaluated_together_only_where_rows_are_few():
    process, lines = fitted("BGNBD").process, fitted("BGNBD").draws(1700, 0)
    assert at_once(process, 10) == 800
    assert at_once(process, 1001) == 1
    assert at_once(models.BGBB.process, 10) == 1
    blocks = list(columns_of(process, lines, 10))
    assert [some for some, _ in blocks] == [slice(0, 800), slice(800, 1600), slice(1600, 2400)]
    assert [theta.shape for _, theta in blocks] == [(4, 800, 1), (4, 800, 1), (4, 100, 1)]
    [(_, alone)] = columns_of(process, lines[:1], 10)
    np.testing.assert_array_equal(alone, lines[0])

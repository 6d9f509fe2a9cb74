"""Many draws of a model looked at together give what each gives alone."""

import numpy as np
import pytest
from models_cdnow import customers, fitted, frame

from retention_kit import models
from retention_kit.errors import FitError
from retention_kit.models.base.forecast import Purchases, blocks, draws_of, forecast, stack
from retention_kit.models.base.posterior import at_once
from retention_kit.models.base.rows import read
from retention_kit.models.checks.expected_cohorts import _buys
from retention_kit.models.spend.customer_value import Value

HISTORIES = frame([0, 0, 1, 3, 3, 9, 25], [0, 0, 2.5, 2.0, 30.0, 31.0, 60.0], [1.0, 70.0, 3.0, 38.0, 38.0, 31.5, 61.0])


def drawn(name):
    """Draws of a fit, and some far from it: one and three panels, gentle and steep integrands."""
    near = draws_of(fitted(name), 12, seed=3)
    far = {
        "BGNBD": [(0.85, 2.8, 10.0, 0.8), (3.0, 0.1, 0.05, 0.4), (0.01, 500.0, 1.0, 900.0)],
        "MBGNBD": [(1.6, 0.3, 2.3, 0.3), (3.0, 0.1, 0.05, 0.4), (0.01, 500.0, 1.0, 900.0)],
        "ParetoNBD": [(0.4, 2.5, 12.5, 5.1), (3.0, 0.1, 0.05, 0.4), (0.01, 500.0, 1.0, 900.0)],
    }
    return [*near, *(getattr(models, name)(*theta) for theta in far[name])]


@pytest.mark.parametrize("name", ["BGNBD", "MBGNBD", "ParetoNBD"])
@pytest.mark.parametrize("rough", [True, False])
def test_a_stack_of_models_answers_as_each_of_them(name, rough):
    alone, rows = drawn(name), read(HISTORIES)
    many = stack(alone)
    answers = {
        "alive": lambda m: m._alive(rows),
        "expected": lambda m: m._expected(rows, 30.0),
        "stay": lambda m: m._stay(rows, 30.0),
        "discounted": lambda m: m._discounted(rows, 52.0, 0.003, rough),
        "for ever": lambda m: m._discounted(rows, np.inf, 0.003, rough),
        "cohort": lambda m: _buys(m, np.array([0.0, 4.0, 90.0]), np.array([4.3, 4.4, 4.3]), rough),
    }
    for answer in answers.values():
        np.testing.assert_allclose(answer(many), [answer(one) for one in alone], rtol=1e-12)


@pytest.mark.parametrize("name", ["BGNBD", "ParetoNBD"])
def test_values_of_a_stack_are_those_of_each_draw(name):
    rows = read(HISTORIES.assign(_spent=[0, 0, 20.0, 35.0, 12.0, 80.0, 5.0]), ("frequency", "recency", "T", "_spent"))
    pairs = zip(draws_of(fitted(name), 9, 0), draws_of(fitted("GammaGamma"), 9, 1), strict=True)
    alone = [Value(model, spend, 52.0, 0.002, 0.4, rough=True) for model, spend in pairs]
    whole = alone[0].together(alone).expected(rows)
    np.testing.assert_allclose(whole, [one.expected(rows) for one in alone], rtol=1e-12)
    heavy = [*draws_of(fitted("GammaGamma"), 2, 1), models.GammaGamma(p=6.0, q=0.9, gamma=15.0)]
    with pytest.raises(FitError, match=r"q = 0\.9 is not above 1"):
        stack(heavy)._expected(rows["frequency"], rows["_spent"])


@pytest.mark.parametrize("name", ["ShiftedBetaGeometric", "BetaDiscreteWeibull"])
def test_survival_of_a_stack_is_that_of_each_draw(name):
    table = models.renewals([0.87, 0.74, 0.65, 0.59, 0.55, 0.52])
    alone, t = draws_of(getattr(models, name).fit(table, weights="weights"), 7, 0), np.arange(30)
    np.testing.assert_array_equal(stack(alone).survival(t), [one.survival(t) for one in alone])


@pytest.mark.parametrize("name", ["BGNBD", "ParetoNBD"])
@pytest.mark.parametrize("by", [None, []])
def test_few_customers_are_forecast_as_draw_by_draw(name, by, monkeypatch):
    """The same futures too: the generator is asked in the same order."""
    model, table = fitted(name), customers().head(40)
    questions = [Purchases(one, 30.0) for one in draws_of(model, 25, 0)]
    together = forecast(Purchases(model, 30.0), questions, table, by=by, seed=4)
    monkeypatch.setattr("retention_kit.models.base.forecast.at_once", lambda *_: 1)
    apart = forecast(Purchases(model, 30.0), questions, table, by=by, seed=4)
    np.testing.assert_allclose(together, apart, rtol=1e-12)


def test_draws_are_looked_at_together_only_where_rows_are_few():
    model = fitted("BGNBD")
    assert at_once(model, 10) == 800
    assert at_once(model, 1001) == 1
    assert at_once(models.BGBB(alpha=1, beta=1, gamma=1, delta=1), 10) == 1
    assert list(blocks(model, 1700, 10)) == [slice(0, 800), slice(800, 1600), slice(1600, 2400)]
    one = draws_of(model, 1, 0)
    assert stack(one) is one[0]

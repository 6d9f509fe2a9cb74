"""Chance and parameters of a total from a few hundred customers, against the forecast that draws all of them."""

import numpy as np
import pytest
from models_cdnow import orders
from scipy import stats

from retention_kit import models, summarise
from retention_kit.models.futures.drawn_futures import Purchases
from retention_kit.models.totals.chance import Chance, chance


@pytest.fixture(scope="module")
def customers():
    return summarise.customers(orders(), as_of="1997-09-30").to_pandas()


@pytest.mark.parametrize("model", [models.MBGNBD, models.ParetoNBD])
def test_the_interval_of_a_total_is_that_of_the_draws(customers, model):
    fitted = model.fit(customers)
    t = 13.0
    known = chance(Purchases(fitted.process, t), fitted.theta, fitted.log_covariance, fitted.process.read(customers))
    drawn = fitted.forecast(customers, t, by=[], draws=400).iloc[0]
    reach = stats.norm.ppf(0.95) * np.sqrt(known.variance(np.array(drawn["expected"])))
    assert 2 * reach == pytest.approx(np.log(drawn["predicted_high"] / drawn["predicted_low"]), rel=0.15)


def test_the_variance_by_chance_falls_with_the_total():
    known = Chance(dispersion=2.0, parameters=0.001)
    assert known.variance(np.array([100.0, 400.0])).tolist() == pytest.approx([0.021, 0.006])
    assert np.isfinite(known.variance(np.array([0.0])))


def test_nothing_is_uncertain_where_nothing_is_expected():
    model = models.MBGNBD(r=1.0, alpha=1.0, a=1.0, b=1.0)
    customers = summarise.customers(orders(), as_of="1997-09-30").to_pandas()
    rows = model.process.read(customers)
    known = chance(Purchases(model.process, 0.0), model.theta, np.zeros((4, 4)), rows)
    assert (known.dispersion, known.parameters) == (0, 0)

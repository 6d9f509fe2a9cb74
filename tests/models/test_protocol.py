"""A model written by the protocol alone: the NBD of Ehrenberg (1959), whose customers buy at gamma rates and stay."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from models_cdnow import fitted, orders
from scipy import special, stats

from retention_kit import models
from retention_kit.models.base.rows import read
from retention_kit.models.futures.buying import ActiveCustomers, BuyingProcess
from retention_kit.models.numerics.gamma_ratio import log_rise
from retention_kit.models.purchases.purchase_model import PurchaseModel


class NeverLeaving(BuyingProcess):
    names = ("r", "alpha")
    scales = {"alpha": "T"}
    takes_columns = True

    def log_likelihood(self, theta, rows, slopes=True):
        (r, alpha), x, T = theta, rows["frequency"], rows["T"]
        value = log_rise(r, x) + r * np.log(alpha) - (r + x) * np.log(alpha + T)
        if not slopes:
            return value, value[:0]
        d_r = special.digamma(r + x) - special.digamma(r) + np.log(alpha) - np.log(alpha + T)
        return value, np.stack([d_r, r / alpha - (r + x) / (alpha + T)])

    def starts(self, rows):
        return [[1.0, rows.mean("T")]]

    def alive(self, theta, rows):
        return np.ones(np.broadcast_shapes(np.shape(theta[0]), rows["T"].shape))

    def active(self, theta, rows):
        r, alpha = theta
        return Buyers(r + rows["frequency"], alpha + rows["T"])


@dataclass
class Buyers(ActiveCustomers):
    R: np.ndarray
    A: np.ndarray

    def stay(self, t):  # noqa: ARG002
        return np.ones(self.R.shape)

    def purchases(self, t):
        return self.R / self.A * t

    def probability_of(self, n, t):
        return stats.nbinom.pmf(n, self.R, self.A / (self.A + t))

    def fading(self):
        return 1e9 + 0 * self.A

    def weighted_purchases(self, t, u, weights, rough):  # noqa: ARG002
        return self.R / self.A * (weights[..., :1] * t + weights[..., 1:].sum(axis=-1, keepdims=True))

    def draw(self, rng):
        return rng.gamma(self.R) / self.A, np.zeros(self.R.shape), 0

    def buy_between(self, start, length, rough):  # noqa: ARG002
        return 1 - (self.A / (self.A + length)) ** self.R


@dataclass(frozen=True)
class NBD(PurchaseModel):
    r: float
    alpha: float

    process = NeverLeaving()


@pytest.fixture(scope="module")
def table():
    """Purchases at gamma rates, r = 0.8 and alpha = 6, for a year."""
    rate = np.random.default_rng(4).gamma(0.8, size=3000) / 6.0
    bought = np.random.default_rng(5).poisson(rate * 52)
    return pd.DataFrame({"frequency": bought, "recency": np.where(bought > 0, 52.0, 0.0), "T": 52.0, "unit": "week"})


@pytest.fixture(scope="module")
def model(table):
    return NBD.fit(table)


def test_the_fit_finds_the_parameters_with_errors_and_comes_back_from_json(model):
    assert (abs(model.params - [0.8, 6.0]) < 3 * model.standard_errors).all()
    assert NBD.from_json(model.to_json()) == model
    assert np.log(model.sample(400, 1)).std().to_numpy() == pytest.approx(
        (model.standard_errors / model.params).to_numpy(), rel=0.2
    )


def test_predictions_are_those_of_the_negative_binomial(model, table):
    R, A = model.r + table["frequency"], model.alpha + table["T"]
    np.testing.assert_allclose(model.expected_purchases(table, 26), 26 * R / A)
    np.testing.assert_allclose(model.probability_of_n_purchases(2, 26, table), stats.nbinom.pmf(2, R, A / (A + 26)))
    force = np.log(1.1) * 7 / 365.25
    worth = model.discounted_purchases(table, 52, annual_discount_rate=0.1)
    np.testing.assert_allclose(worth, R / A * -np.expm1(-force * 52) / force, rtol=1e-9)


def test_forecasts_intervals_values_and_holdouts_follow(model, table):
    total = model.forecast(table, 26, by=[], draws=50).iloc[0]
    assert total["predicted_low"] < total["expected"] < total["predicted_high"]
    some = table.head(20).assign(monetary_value=20.0)
    value = models.lifetime_value(
        model, fitted("GammaGamma"), some, months=12, annual_discount_rate=0.1, level=0.9, draws=20
    )
    assert (value["expected_low"] <= value["expected_high"]).all()
    bands = models.interval(model, "expected_purchases", some, 26, draws=20)
    assert (bands["low"] < bands["high"]).all()
    card = models.holdout(orders(), split="1997-09-30", as_of="1998-06-30", models=[NBD, "MBGNBD"], draws=20)
    density = card.table.set_index("model")["log_density"]
    assert density["NBD"] < density["MBGNBD"]  # customers of CDNOW do leave


def test_columns_of_parameters_answer_as_each_line(model, table):
    lines, rows = model.draws(5, 0), read(table.head(50))
    together = model.process.discounted(lines.T[:, :, None], rows, 52.0, 0.003, True)
    alone = [model.process.discounted(theta, rows, 52.0, 0.003, True) for theta in lines]
    np.testing.assert_allclose(together, alone, rtol=1e-12)


def test_where_the_last_purchase_matters_every_row_is_answered_for_itself(model, table):
    """Rows with the same x and T are then no longer answered together; of NBD the answers are the same."""
    rows, apart = read(table.assign(recency=np.arange(3000) % 50 * (table["frequency"] > 0))), NeverLeaving()
    apart.last_purchase_matters = True
    for answer in ("expected", "probability_of_n", "discounted"):
        arguments = {"expected": (26.0,), "probability_of_n": (1, 26.0), "discounted": (26.0, 0.003)}[answer]
        together = getattr(model.process, answer)(model.theta, rows, *arguments)
        np.testing.assert_allclose(getattr(apart, answer)(model.theta, rows, *arguments), together, rtol=1e-12)

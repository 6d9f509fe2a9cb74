"""Posterior draws: weights, priors, and agreement with a sampler of another kind."""

import numpy as np
import pandas as pd
import pytest
from models_cdnow import customers, fitted, frame

from retention_kit import load, models, summarise
from retention_kit.errors import ConfigError, RetentionKitWarning
from retention_kit.models.base import posterior
from retention_kit.models.numerics.pareto_smoothing import smooth


def test_equal_ratios_give_equal_weights():
    weight, k = smooth(np.zeros(1000))
    np.testing.assert_allclose(weight, 1e-3)
    assert k == 0


@pytest.mark.parametrize("shape", [0.3, 0.9])
def test_the_shape_of_a_pareto_tail_is_found(shape):
    ratios = np.random.default_rng(2).pareto(1 / shape, 20_000) + 1
    assert smooth(np.log(ratios))[1] == pytest.approx(shape, abs=0.12)


def test_a_flat_prior_on_the_logarithms_keeps_the_mode_of_well_known_parameters():
    weak, flat = (fitted("BGNBD").sample(1000, seed=1, prior=prior) for prior in ("weak", "flat"))
    assert weak["r"].mean() == pytest.approx(flat["r"].mean(), rel=0.02)
    with pytest.raises(ConfigError, match="weak"):
        fitted("BGNBD").sample(10, prior="jeffreys")


def test_draws_agree_with_a_random_walk_on_the_same_target():
    """A short Metropolis run; the long one is in the benchmark."""
    model = fitted("BGNBD")
    rows = model.evidence.rows
    centre = np.array([0, np.log(rows.mean("T")), 0, 0])

    def target(u):
        ll = model.process.log_likelihood(np.exp(u), rows, slopes=False)[0]
        return (rows.weights * ll).sum() - ((u - centre) ** 2).sum() / 18

    draws = np.log(model.sample(2000, seed=2).to_numpy())
    rng, root = np.random.default_rng(3), np.linalg.cholesky(np.cov(draws.T)) * 1.2
    u, value, chain = draws.mean(axis=0), -np.inf, []
    for z in rng.standard_normal((5000, 4)):
        step = u + root @ z
        new = target(step)
        if np.log(rng.random()) < new - value:
            u, value = step, new
        chain.append(u)
    walk = np.array(chain[500:])
    assert (abs(walk.mean(axis=0) - draws.mean(axis=0)) < 0.25 * draws.std(axis=0)).all()
    assert (abs(walk.std(axis=0) / draws.std(axis=0) - 1) < 0.2).all()


def test_draws_that_cannot_be_trusted_warn():
    few = frame([0, 1, 3, 9], [0, 5.0, 20.0, 29.0], [30.0] * 4)
    with pytest.warns(RetentionKitWarning, match="not settled"):
        model = models.ParetoNBD.fit(few, unit="week")
    with pytest.warns(RetentionKitWarning, match="not reliable"):
        model.sample(200, seed=1, prior="flat")


def test_more_customers_give_narrower_draws():
    half = models.BGNBD.fit(customers().sort_values("customer_id").iloc[::4])
    assert np.log(half.sample(800, seed=1)["r"]).std() > np.log(fitted("BGNBD").sample(800, seed=1)["r"]).std()


def test_draws_that_were_looked_at_before_are_the_same_and_travel_nowhere():
    table = summarise.customers(load.sample("cdnow_sample"), as_of="1997-09-30").to_pandas()
    model, again = models.BGNBD.fit(table), models.BGNBD.fit(table)
    first = model.sample(400, 3)
    pd.testing.assert_frame_equal(model.sample(400, 3), first)
    pd.testing.assert_frame_equal(model.sample(150, 3), again.sample(150, 3))
    assert not model.sample(400, 4).equals(first)
    assert "drawn" not in model.to_json()


@pytest.mark.parametrize("name", ["BGNBD", "MBGNBD", "ParetoNBD", "GammaGamma"])
def test_proposals_looked_at_together_have_the_likelihood_of_each_alone(name):
    model = getattr(models, name).fit(customers().head(400))
    rows = model.evidence.rows
    thetas = model.theta * np.exp(np.random.default_rng(3).normal(0, 0.5, (50, len(model.theta))))
    alone = [(model.process.log_likelihood(theta, rows)[0] * rows.weights).sum() for theta in thetas]
    assert len(rows) <= posterior._FEW
    np.testing.assert_allclose(posterior.log_likelihoods(model.process, thetas, rows), alone, rtol=1e-12)


@pytest.mark.parametrize("name", ["ShiftedBetaGeometric", "BetaDiscreteWeibull"])
def test_renewals_of_many_proposals_have_the_likelihood_of_each_alone(name):
    share = [0.87, 0.74, 0.65, 0.59, 0.55, 0.52, 0.5, 0.48]
    model = getattr(models, name).fit(models.renewals(share), weights="weights")
    rows = model.evidence.rows
    thetas = model.theta * np.exp(np.random.default_rng(3).normal(0, 1.5, (50, len(model.theta))))
    alone = [model.process.log_likelihood(theta, rows, slopes=False)[0] @ rows.weights for theta in thetas]
    np.testing.assert_allclose(posterior.log_likelihoods(model.process, thetas, rows), alone, rtol=1e-14)

"""Posterior draws of very many rows, weighed by a sample of them, against those weighed by all."""

import numpy as np
import pytest

from retention_kit import models, simulate
from retention_kit.errors import RetentionKitWarning
from retention_kit.models.base import posterior
from retention_kit.models.base.sampled_likelihood import error_of, sample_likelihood, slope_and_curvature

SHOPS = {
    "BGNBD": lambda T: simulate.bgnbd_customers(len(T), r=0.8, alpha=7.0, a=0.6, b=4.0, T=T, seed=3),
    "ParetoNBD": lambda T: simulate.pareto_nbd_customers(len(T), r=0.8, alpha=7.0, s=0.6, beta=12.0, T=T, seed=3),
}


@pytest.fixture(scope="module", autouse=True)
def few_are_many():
    """A third as many rows as usual count as very many, which saves time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(posterior, "_MANY", 6_000)
        yield


def fit(name):
    """A fit to customers who do not share a history."""
    T = np.random.default_rng(2).uniform(1, 104, 9_000)
    return getattr(models, name).fit(SHOPS[name](T), unit="week")


@pytest.fixture(scope="module")
def model():
    return fit("BGNBD")


def means_and_ends(proposals):
    """By parameter, the mean and the 5 and 95 % quantiles of weighted proposals, and their standard deviation."""
    u, weight = proposals.u, proposals.weight
    mean = weight @ u
    ends = []
    for column in u.T:
        order = np.argsort(column)
        ends.append(np.interp([0.05, 0.95], np.cumsum(weight[order]) - weight[order] / 2, column[order]))
    return mean, np.array(ends), np.sqrt(weight @ (u - mean) ** 2)


@pytest.mark.parametrize("name", SHOPS)
def test_a_sample_of_the_rows_gives_the_posterior_of_all_of_them(name):
    model = fit(name)
    assert len(model.evidence.rows) > posterior._MANY
    sampled = posterior._sampled(model, model.evidence, 9, 0, "weak")
    exact = posterior._exact(model, model.evidence, 9, 0, "weak")
    (mean, ends, spread), (other, others, _) = means_and_ends(exact), means_and_ends(sampled)
    assert (abs(other - mean) < 0.02 * spread).all()
    assert (abs(others - ends) < 0.05 * spread[:, None]).all()


def test_the_error_of_the_weights_is_known(model):
    rows = model.evidence.rows
    whole = slope_and_curvature(model.process, np.log(model.theta), rows, rows.weights[:, None])[0]
    exact = posterior._exact(model, model.evidence, 9, 1, "weak")
    truth = posterior.log_likelihoods(model.process, np.exp(exact.u), rows)
    off = []
    for size in (500, 2_000):
        sample = sample_likelihood(model.process, whole, rows, size)
        estimates = sample.estimates(exact.u)
        error = estimates.mean(axis=1) - truth
        error -= exact.weight @ error
        off.append(np.sqrt(exact.weight @ error**2))
        assert 0.1 < off[-1] / error_of(estimates, exact.weight) < 3
        np.testing.assert_allclose(sample.shares.sum(axis=0), rows.n, rtol=0.05)
    quadratic = whole.change(exact.u) - truth
    quadratic -= exact.weight @ quadratic
    assert off[1] < 0.2 * np.sqrt(exact.weight @ quadratic**2)


def test_few_draws_are_the_first_of_many(model):
    many = model.draws(1000, 5)
    np.testing.assert_array_equal(model.draws(100, 5), many[:100])
    np.testing.assert_array_equal(model.draws(1000, 5), many)
    assert not np.array_equal(model.draws(100, 6), many[:100])


def test_all_rows_are_weighed_where_the_sample_would_be_too_far_off(model, monkeypatch):
    monkeypatch.setattr(posterior, "_LARGEST_ERROR", 0.0)
    assert posterior._sampled(model, model.evidence, 10, 7, "weak") is None
    exact = posterior._exact(model, model.evidence, 9, 7, "weak")
    assert set(map(tuple, np.log(model.draws(60, 7)))) <= set(map(tuple, np.log(np.exp(exact.u))))


def test_a_fit_at_a_boundary_is_weighed_by_rows_that_the_draws_tell_apart():
    """Nobody leaves: slopes at the optimum do not say which customers keep the dropout probability from growing."""
    T = np.random.default_rng(2).uniform(1, 104, 17_000)
    loyal = simulate.bgnbd_customers(len(T), r=0.8, alpha=7.0, a=1e-4, b=50.0, T=T, seed=3)
    with pytest.warns(RetentionKitWarning, match="boundary"):
        model = models.BGNBD.fit(loyal, unit="week")
    sampled = posterior._sampled(model, model.evidence, 10, 0, "weak")
    exact = posterior._exact(model, model.evidence, 10, 0, "weak")
    (mean, ends, spread), (other, others, _) = means_and_ends(exact), means_and_ends(sampled)
    assert (abs(other - mean) < 0.1 * spread).all()
    assert (abs(others - ends) < 0.15 * spread[:, None]).all()


def test_the_cost_of_a_fit_at_a_boundary_is_that_of_some_rows(monkeypatch):
    T = np.random.default_rng(2).uniform(1, 104, 17_000)
    loyal = simulate.bgnbd_customers(len(T), r=0.8, alpha=7.0, a=1e-4, b=50.0, T=T, seed=3)
    with pytest.warns(RetentionKitWarning, match="boundary"):
        model = models.BGNBD.fit(loyal, unit="week")
    evaluated, log_likelihood = [], type(model.process).log_likelihood
    monkeypatch.setattr(
        type(model.process),
        "log_likelihood",
        lambda self, theta, rows, slopes=True: evaluated.append(len(rows)) or log_likelihood(self, theta, rows, slopes),
    )
    model.draws(100, 0)
    n_rows = len(model.evidence.rows)
    assert sum(size == n_rows for size in evaluated) < 40
    assert sum(evaluated) < 0.8 * 1024 * n_rows

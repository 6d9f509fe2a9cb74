"""Static covariates: effects recovered, tested, and used in predictions."""

import numpy as np
import pandas as pd
import pytest

from retention_kit import models, simulate
from retention_kit.errors import ConfigError


def world(name, effect):
    """Two kinds of customers; the second buys, and leaves, exp(effect) times as readily."""
    grow = np.exp(effect)
    if name == "BGNBD":
        plain, other = (
            {"r": 0.6, "alpha": 8.0, "a": 0.6, "b": 2.5},
            {"r": 0.6, "alpha": 8 / grow, "a": 0.6 * grow, "b": 2.5},
        )
        make = simulate.bgnbd_customers
    else:
        plain, other = (
            {"r": 0.7, "alpha": 8.0, "s": 0.7, "beta": 10.0},
            {"r": 0.7, "alpha": 8 / grow, "s": 0.7, "beta": 10 / grow},
        )
        make = simulate.pareto_nbd_customers
    tables = [make(3000, **p, T=40.0, seed=i).assign(member=i) for i, p in enumerate((plain, other))]
    table = pd.concat(tables, ignore_index=True)
    return table.assign(recency=table["recency"].round(1))


@pytest.mark.parametrize("name", ["BGNBD", "ParetoNBD"])
def test_effects_are_recovered_and_the_test_finds_them(name):
    fit = models.fit_covariates(getattr(models, name), world(name, 0.6), purchase=["member"], dropout=["member"])
    table = fit.summary()
    for effect in ("purchase: member", "dropout: member"):
        assert abs(table.loc[effect, "value"] - 0.6) < 4 * table.loc[effect, "standard_error"]
        assert table.loc[effect, "p_value"] < 1e-3
    assert fit.likelihood_ratio()["degrees"] == 2
    assert fit.likelihood_ratio()["p_value"] < 1e-6


def test_without_an_effect_the_test_is_quiet_and_the_base_is_the_plain_model():
    table = simulate.bgnbd_customers(3000, r=0.6, alpha=8.0, a=0.6, b=2.5, T=40.0, seed=9)
    table["coin"] = np.random.default_rng(1).integers(0, 2, len(table))
    fit = models.fit_covariates(models.BGNBD, table, purchase=["coin"])
    plain = models.BGNBD.fit(table)
    assert fit.likelihood_ratio()["p_value"] > 0.01
    assert fit.log_likelihood >= plain.log_likelihood - 1e-6
    np.testing.assert_allclose(fit.base.r, plain.r, rtol=0.05)


def test_predictions_use_each_customers_own_model():
    table = world("BGNBD", 0.6).sample(300, random_state=1)
    fit = models.fit_covariates(models.BGNBD, world("BGNBD", 0.6), purchase=["member"])
    for prediction, arguments in (("expected_purchases", (26,)), ("probability_alive", ())):
        whole = getattr(fit, prediction)(table, *arguments)
        for member in (0, 1):
            some = table[table["member"] == member]
            alone = getattr(fit.at(member=member), prediction)(some, *arguments)
            pd.testing.assert_series_equal(whole.loc[some.index], alone)


def test_unknown_covariates_and_models_without_them_are_refused():
    table = world("BGNBD", 0.0)
    with pytest.raises(ConfigError, match="at least one column"):
        models.fit_covariates(models.BGNBD, table)
    with pytest.raises(ConfigError, match="got MBGNBD"):
        models.fit_covariates(models.MBGNBD, table, purchase=["member"])
    fit = models.fit_covariates(models.BGNBD, table, purchase=["member"])
    with pytest.raises(ConfigError, match="No covariate age"):
        fit.at(age=3)

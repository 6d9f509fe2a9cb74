"""Our optimum is never below that of lifetimes, and cases where it fails and we do not."""

import warnings

import numpy as np
import pandas as pd
import pytest
from models_cdnow import customers, fitted, frame

from retention_kit import models
from retention_kit.models.base.rows import read

FITTERS = {"BGNBD": "BetaGeoFitter", "MBGNBD": "ModifiedBetaGeoFitter", "ParetoNBD": "ParetoNBDFitter"}


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.parametrize("name", FITTERS)
def test_the_optimum_is_as_good_as_that_of_lifetimes(name):
    import lifetimes

    table = customers()
    peer = getattr(lifetimes, FITTERS[name])().fit(table["frequency"], table["recency"], table["T"])
    rows, model = read(table), fitted(name)
    theirs = model.process.log_likelihood(peer.params_[list(model.process.names)].to_numpy(), rows, slopes=False)[0]
    assert model.log_likelihood >= (rows.weights * theirs).sum() - 1e-6


def test_lifetimes_gives_nan_for_one_time_buyers_when_a_plus_b_is_below_one_and_we_do_not():
    model = models.BGNBD(r=0.2, alpha=4.0, a=0.3, b=0.4)
    theirs = model.to_lifetimes().predict(52.0, np.array([0]), np.array([0.0]), np.array([10.0]))
    assert not np.isfinite(theirs).all()
    assert model.expected_purchases(frame([0], [0.0], [10.0]), 52.0).item() > 0


def test_busy_customers_do_not_overflow():
    model = models.ParetoNBD(r=0.55, alpha=10.0, s=0.6, beta=11.0)
    row = frame([900], [50.0], [300.0])
    ours = model.probability_alive(row).item()
    assert 0 <= ours <= 1
    assert np.isfinite(model.expected_purchases(row, 52).item())
    assert isinstance(model.probability_of_n_purchases(3, 5, row), pd.Series)

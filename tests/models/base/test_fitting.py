"""Where a search begins does not matter for where it ends."""

import numpy as np
import pytest

from retention_kit import load, models, summarise
from retention_kit.models.base import fitting


@pytest.fixture(scope="module")
def tenth():
    return summarise.customers(load.sample("cdnow_sample"), as_of="1997-09-30").to_pandas()


@pytest.mark.parametrize("many", [150, 20, 1])
@pytest.mark.parametrize("model", [models.BGNBD, models.MBGNBD, models.ParetoNBD])
def test_a_search_that_begins_on_some_rows_ends_at_the_same_optimum(model, many, tenth, monkeypatch):
    """With 1, the part that is searched first is a single one-time buyer, whose likelihood has no optimum."""
    whole = model.fit(tenth)
    monkeypatch.setattr(fitting, "_MANY", many)
    some = model.fit(tenth)
    assert some.log_likelihood == pytest.approx(whole.log_likelihood, abs=1e-8)
    np.testing.assert_allclose(some.theta, whole.theta, rtol=1e-5)
    np.testing.assert_allclose(some.standard_errors, whole.standard_errors, rtol=1e-4)

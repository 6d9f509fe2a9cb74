"""The interval of a Poisson number: exact at its ends, and it holds as often as it says."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from retention_kit.errors import DataError
from retention_kit.metrics import poisson_interval


@pytest.mark.parametrize("count", [0, 1, 5, 138, 10_000])
def test_each_end_leaves_a_fortieth_on_its_side(count):
    low, high = poisson_interval(count)
    assert stats.poisson.cdf(count, high) == pytest.approx(0.025)
    assert low == 0 if count == 0 else stats.poisson.sf(count - 1, low) == pytest.approx(0.025)


def test_it_holds_the_mean_at_least_as_often_as_it_says():
    for mean in (0.5, 3.0, 20.0, 300.0):
        counts = np.arange(2000)
        low, high = poisson_interval(pd.Series(counts))
        holds = ((low <= mean) & (mean <= high)).to_numpy()
        assert 0.95 <= stats.poisson.pmf(counts, mean)[holds].sum() <= 0.995


def test_negative_counts_are_refused():
    with pytest.raises(DataError, match="0 or more"):
        poisson_interval(-1)

"""How often the interval of a cohort cell holds the truth."""

import numpy as np
import pandas as pd
import pytest

from retention_kit import summarise


@pytest.mark.parametrize("seed", range(5))
def test_the_interval_holds_the_truth_in_93_to_97_per_cent_of_2000_simulated_cells(seed):
    """Cohorts of 10 to 500 customers of whom 2 to 60 % come back; every pair exactly: benchmarks/wilson_coverage.py."""
    rng = np.random.default_rng(seed)
    size, truth = pd.Series(rng.integers(10, 501, 2000)), rng.uniform(0.02, 0.6, 2000)
    low, high = summarise.wilson(pd.Series(rng.binomial(size, truth)), size)
    held = ((low <= truth) & (truth <= high)).mean()
    assert 0.93 <= held <= 0.97

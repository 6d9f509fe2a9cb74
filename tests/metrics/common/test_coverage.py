"""Coverage of the NPS interval, exactly: every possible survey of n answers, weighed by its chance."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import multinomial

from retention_kit import metrics

SHARES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
PAIRS = [(p, d) for p in SHARES for d in SHARES if p + d <= 1 + 1e-9]


def coverages(n):
    """Chance that the interval holds the truth, for each pair of true shares."""
    p, d = (side.ravel() for side in np.meshgrid(np.arange(n + 1), np.arange(n + 1)))
    p, d = p[p + d <= n], d[p + d <= n]
    columns = [pd.Series(column, dtype="float64") for column in (p, n - p - d, d)]
    low, high = metrics.nps_interval(*columns)
    counts = np.column_stack([p, n - p - d, d])
    for share_p, share_d in PAIRS:
        truth = 100 * (share_p - share_d)
        holds = (low - 1e-9 <= truth) & (truth <= high + 1e-9)
        chance = multinomial.pmf(counts, n, [share_p, max(1 - share_p - share_d, 0), share_d])
        yield float(chance[holds].sum())


@pytest.mark.parametrize(("n", "inside", "lowest", "highest"), [(30, 57, 0.926, 0.992), (50, 63, 0.93, 0.976)])
def test_small_surveys_leave_the_band_only_where_counts_are_coarse(n, inside, lowest, highest):
    found = np.array(list(coverages(n)))
    assert ((found >= 0.93) & (found <= 0.97)).sum() == inside
    assert found.min() >= lowest
    assert found.max() <= highest
    assert found.mean() == pytest.approx(0.952, abs=0.002)


def test_from_a_hundred_answers_every_pair_of_shares_is_covered_93_to_97_per_cent():
    found = np.array(list(coverages(100)))
    assert found.min() >= 0.93
    assert found.max() <= 0.97

"""Mean churn of earlier periods, for lifetime values that a single month should not change much."""

from __future__ import annotations

import pandas as pd

from retention_kit.arguments import Arguments
from retention_kit.metrics.common.formula_inputs import require_shares


def trailing_churn(churn: pd.Series, periods: int = 6) -> pd.Series:
    r"""Mean churn of the periods before each period, itself left out.

    Parameters
    ----------
    churn : Series by period
        Churn rates in order of time.
    periods : int
        Number of earlier periods.

    Returns
    -------
    Series by period
        Mean of the earlier rates; NaN until there are that many.

    Notes
    -----
    .. math:: \bar c_t = \frac{1}{k} \sum_{j=1}^{k} c_{t-j}

    Examples
    --------
    >>> trailing_churn(pd.Series([0.02, 0.04, 0.06]), periods=2).tolist()
    [nan, nan, 0.03]
    """
    with Arguments() as check:
        periods = check.whole("periods", periods, least=1)
        check.instance("churn", churn, pd.Series, "a Series of rates by period")
    require_shares(churn=churn)
    return churn.shift(1).rolling(periods).mean()

"""What more early returns would be worth."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import pandas as pd

from retention_kit.arguments import Arguments
from retention_kit.errors import DataError

_COLUMNS = ("since", "band", "returned", "customers", "mean", "variance")
_LEAST = 30
"""Customers of each group: below, a mean of skewed money has no interval to rely on."""


@dataclass(frozen=True)
class WorthOfReturns:
    """What more early returns would be worth, if a returned customer differs by the return and by nothing else.

    Attributes
    ----------
    rate : float
        Share of the compared customers who returned early.
    each, each_low, each_high : float
        Money that one who returned brought more than a like one who did not, with its interval.
    value, low, high : float
        Worth of the change of the rate: new customers × change × margin × each.
    customers : int
        Customers compared.
    compared : float
        Share of those who did not return who have like customers who did.
    """

    rate: float
    each: float
    each_low: float
    each_high: float
    value: float
    low: float
    high: float
    customers: int
    compared: float


def worth_of_returns(
    returns: pd.DataFrame, *, new_customers: float, change: float = 0.02, margin: float = 1.0, level: float = 0.95
) -> WorthOfReturns:
    r"""Worth of more early returns, by comparing like with like (direct standardisation).

    Parameters
    ----------
    returns : DataFrame
        From `summarise.early_returns`.
    new_customers : float
        New customers of the time that the answer is for, such as those of a year.
    change : float
        Change of the share who return early: 0.02 for two points.
    margin : float
        Share of revenue that is kept.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    WorthOfReturns
        The worth with its interval, and what one return is worth.

    Raises
    ------
    DataError
        When fewer than 30 customers returned or did not in strata with both, so that nothing can be compared.
    ConfigError
        When an argument is outside its range.

    Notes
    -----
    With :math:`\bar y_{s1}, \bar y_{s0}` the mean money of those of stratum s who returned and who did not, and
    :math:`w_s` the share of stratum s among those who did not return, who are the ones that could change:

    .. math:: D = \sum_s w_s (\bar y_{s1} - \bar y_{s0}), \quad
        V = \sum_s w_s^2 \left(\frac{v_{s1}}{n_{s1}} + \frac{v_{s0}}{n_{s0}}\right), \quad
        \text{worth} = N \cdot \Delta \cdot m \cdot D

    with a normal interval :math:`D \pm z \sqrt V`. **It is an association**: customers who return by themselves may
    differ from those whom a campaign brings back in more than the time and the size of the first order, and only a
    test with a control group tells. The interval holds chance, not this error. Strata with one customer of a kind are
    left out, as they have no variance.

    Examples
    --------
    >>> returns = pd.DataFrame({"since": 0, "band": 1, "returned": [False, True], "customers": [900, 100],
    ...                         "mean": [20.0, 70.0], "variance": [900.0, 2500.0]})
    >>> worth = worth_of_returns(returns, new_customers=1000, change=0.02)
    >>> worth.each, worth.value, round(worth.low), round(worth.high)
    (50.0, 1000.0, 800, 1200)
    """
    with Arguments(DataError) as check:
        check.frame("returns", returns, _COLUMNS, maker="summarise.early_returns")
    with Arguments() as check:
        new_customers = check.number("new_customers", new_customers, least=0)
        change = check.number("change", change, least=-1, most=1)
        margin = check.number("margin", margin, above=0, most=1)
        level = check.level("level", level)
    n, wide = returns["customers"].sum(), _wide(returns)
    back, away = wide["customers", True].sum(), wide["customers", False].sum()
    if min(back, away) < _LEAST:
        raise DataError(
            f"Of the customers who can be compared, {back:.0f} returned early and {away:.0f} did not; "
            f"each group needs {_LEAST} before their difference says something."
        )
    rate = returns.loc[returns["returned"], "customers"].sum() / n
    with Arguments() as check:
        reached = rate + change
        check.fault(f"change would bring the share of {rate:.3f} to {reached:.3f}", when=not 0 <= reached <= 1)
    weights = wide["customers", False] / away
    each = (weights * (wide["mean", True] - wide["mean", False])).sum()
    variance = sum((weights**2 * wide["variance", kind] / wide["customers", kind]).sum() for kind in (True, False))
    width = NormalDist().inv_cdf((1 + level) / 2) * variance**0.5
    scale = new_customers * change * margin
    low, high = sorted((scale * (each - width), scale * (each + width)))
    everybody_away = returns.loc[~returns["returned"], "customers"].sum()
    return WorthOfReturns(
        float(rate), float(each), float(each - width), float(each + width), float(scale * each), float(low),
        float(high), int(n), float(away / everybody_away),
    )  # fmt: skip


def _wide(returns: pd.DataFrame) -> pd.DataFrame:
    """Strata that have a mean and a variance of both kinds, with columns (what, returned)."""
    known = returns[returns["variance"].notna()].assign(returned=returns["returned"].astype(bool))
    wide = known.pivot(index=["since", "band"], columns="returned", values=["customers", "mean", "variance"])
    columns = pd.MultiIndex.from_product([["customers", "mean", "variance"], [False, True]])
    return wide.reindex(columns=columns).dropna().astype("float64")

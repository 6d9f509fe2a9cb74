"""Customers who buy or leave once a period: BG/BB, shifted-beta-geometric and beta-discrete-Weibull."""

from __future__ import annotations

import numpy as np
import pandas as pd

from retention_kit.simulate.simulation_inputs import Seed, customer_ids, generator, require_positive, require_unit

LONGEST = 1e15
"""Largest lifetime, far beyond any data, so that lifetimes can be stored as integers."""


def bgbb_customers(
    n: int,
    *,
    alpha: float,
    beta: float,
    gamma: float,
    delta: float,
    opportunities: int = 6,
    unit: str = "week",
    seed: Seed = 1,
) -> pd.DataFrame:
    r"""Customers of a BG/BB process: one opportunity to buy per period, and one to leave before each.

    Parameters
    ----------
    n : int
        Number of customers.
    alpha, beta : float
        Beta distribution of the chance to buy at an opportunity.
    gamma, delta : float
        Beta distribution of the chance to leave at the start of a period.
    opportunities : int
        Periods observed after the first purchase.
    unit : {"day", "week", "month", "year"}
        Name of the time between two opportunities; it changes no number.
    seed : int or numpy Generator
        Same seed, same customers.

    Returns
    -------
    DataFrame
        customer_id, frequency (repeat purchases), recency (number of the last period with one, 0 if none),
        T (periods observed), unit, and the hidden truth: alive at the next opportunity, the P(alive) of the paper.

    Raises
    ------
    ConfigError
        If a parameter is not positive, or the unit is not known.

    Notes
    -----
    P. Fader, B. Hardie, J. Shang (2010), Customer-base analysis in a discrete-time noncontractual setting, Marketing
    Science 29(6).

    Examples
    --------
    >>> donors = bgbb_customers(20_000, alpha=1.204, beta=0.750, gamma=0.657, delta=2.783)
    >>> int(donors["frequency"].max())
    6
    """
    require_positive(n=n, alpha=alpha, beta=beta, gamma=gamma, delta=delta, opportunities=opportunities)
    require_unit(unit)
    rng = generator(seed)
    buys, leaves = rng.beta(alpha, beta, n), rng.beta(gamma, delta, n)
    alive = np.ones(n, dtype=bool)
    frequency, recency = np.zeros(n, dtype="int64"), np.zeros(n, dtype="int64")
    for period in range(1, opportunities + 1):
        alive &= rng.random(n) >= leaves
        bought = alive & (rng.random(n) < buys)
        frequency += bought
        recency[bought] = period
    alive &= rng.random(n) >= leaves
    return pd.DataFrame(
        {
            "customer_id": customer_ids(n),
            "frequency": frequency,
            "recency": recency.astype(float),
            "T": float(opportunities),
            "unit": unit,
            "alive": alive,
        }
    )


def sbg_lifetimes(n: int, *, alpha: float, beta: float, periods: int = 12, seed: Seed = 1) -> pd.DataFrame:
    r"""Contracts of a shifted-beta-geometric process: each customer has a constant chance to cancel in each period.

    Parameters
    ----------
    n : int
        Number of contracts.
    alpha, beta : float
        Beta distribution of the chance to cancel at a renewal.
    periods : int
        Renewals observed.
    seed : int or numpy Generator
        Same seed, same contracts.

    Returns
    -------
    DataFrame
        customer_id, tenure (the renewal at which the contract was cancelled, or `periods` if it still runs) and
        churned (cancelled within the periods observed).

    Raises
    ------
    ConfigError
        If a parameter is not positive.

    Notes
    -----
    .. math:: S(t) = B(\alpha, \beta + t) / B(\alpha, \beta)

    P. Fader, B. Hardie (2007), How to project customer retention, Journal of Interactive Marketing 21(1).

    Examples
    --------
    >>> contracts = sbg_lifetimes(20_000, alpha=0.668, beta=3.806, periods=7)
    >>> f"{1 - contracts['churned'].mean():.1f}"
    '0.5'
    """
    return bdw_lifetimes(n, alpha=alpha, beta=beta, c=1.0, periods=periods, seed=seed)


def bdw_lifetimes(n: int, *, alpha: float, beta: float, c: float, periods: int = 12, seed: Seed = 1) -> pd.DataFrame:
    r"""Contracts of a beta-discrete-Weibull process: the chance to cancel also changes with age.

    Parameters
    ----------
    n : int
        Number of contracts.
    alpha, beta : float
        Beta distribution of the chance to cancel at the first renewal.
    c : float
        Below 1 the chance falls with age, above 1 it rises, at 1 this is the shifted-beta-geometric.
    periods : int
        Renewals observed.
    seed : int or numpy Generator
        Same seed, same contracts.

    Returns
    -------
    DataFrame
        customer_id, tenure and churned, as for the shifted-beta-geometric.

    Raises
    ------
    ConfigError
        If a parameter is not positive.

    Notes
    -----
    One contract survives t renewals with probability :math:`(1 - \theta)^{t^c}`; averaged over
    :math:`\theta \sim B(\alpha, \beta)`:

    .. math:: S(t) = B(\alpha, \beta + t^c) / B(\alpha, \beta)

    P. Fader, B. Hardie, Y. Liu, J. Davin, T. Steenburgh (2018), "How to project customer retention" revisited,
    Journal of Interactive Marketing 43.

    Examples
    --------
    >>> bdw_lifetimes(3, alpha=0.7, beta=2.0, c=1.3, periods=4).columns.tolist()
    ['customer_id', 'tenure', 'churned']
    """
    require_positive(n=n, alpha=alpha, beta=beta, c=c, periods=periods)
    rng = generator(seed)
    stays = -np.log1p(-np.minimum(rng.beta(alpha, beta, n), 1 - 1e-16))
    patience = rng.exponential(1.0, n) / np.maximum(stays, 1e-300)
    lifetime = np.ceil(np.minimum(patience ** (1 / c), LONGEST)).astype("int64").clip(min=1)
    return pd.DataFrame(
        {"customer_id": customer_ids(n), "tenure": np.minimum(lifetime, periods), "churned": lifetime <= periods}
    )

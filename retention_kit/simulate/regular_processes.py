"""Customers who buy at regular times and leave unseen: BG/CNBD-k and MBG/CNBD-k.

Gaps of k stages each, which chance makes equally long: the k-th, 2k-th … stage is a purchase. Given N stages in a
stretch of time, their moments are N sorted uniform numbers, whose spacings are in proportion to exponential numbers; so
a gap is a gamma number of shape k, and no list of stages is needed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from retention_kit.arguments import Arguments
from retention_kit.simulate.purchase_processes import Duration, chances
from retention_kit.simulate.simulation_inputs import Seed, customer_ids, generator, require_positive, require_unit


def bgcnbd_customers(
    n: int,
    *,
    r: float,
    alpha: float,
    a: float,
    b: float,
    k: int,
    T: Duration = 52.0,
    unit: str = "week",
    seed: Seed = 1,
) -> pd.DataFrame:
    r"""Customers of a BG/CNBD-k world: regular buyers who may leave for good after every repeat purchase.

    Parameters
    ----------
    n : int
        Number of customers.
    r, alpha : float
        Shape, and rate in time units, of the gamma distribution of the rates at which stages pass.
    a, b : float
        Parameters of the beta distribution of the chance to leave after a repeat purchase.
    k : int
        Stages to a purchase: 1 is the BG/NBD, and the larger, the more regular they buy.
    T : float or array of n
        Time units from the first purchase to the end of observation.
    unit : {"day", "week", "month", "year"}
        What one time unit is called in the table; it changes no number.
    seed : int or numpy Generator
        Same seed, same customers.

    Returns
    -------
    DataFrame
        customer_id, frequency, recency, T, log_gaps (sum of the logs of the gaps between purchases), unit, and the
        hidden truth: purchase_rate (per time unit, while alive) and alive (at the end of observation).

    Raises
    ------
    ConfigError
        If a parameter is not positive, k is not a whole number from 1, or the unit is not known.

    Notes
    -----
    .. math:: g \sim \text{Erlang}(k, \lambda),\quad \lambda \sim \Gamma(r, \alpha),\quad p \sim B(a, b)

    T. Reutterer, M. Platzer, N. Schröder (2021), Leveraging purchase regularity for predicting customer behavior the
    easy way, International Journal of Research in Marketing 38(1).

    Examples
    --------
    >>> customers = bgcnbd_customers(5000, r=0.85, alpha=1.45, a=0.79, b=2.42, k=3)
    >>> f"{customers['frequency'].mean():.1f}"
    '4.1'
    """
    return _customers(n, r, alpha, a, b, k, T, unit, seed, chances_before=0)


def mbgcnbd_customers(
    n: int,
    *,
    r: float,
    alpha: float,
    a: float,
    b: float,
    k: int,
    T: Duration = 52.0,
    unit: str = "week",
    seed: Seed = 1,
) -> pd.DataFrame:
    """Customers of an MBG/CNBD-k world: regular buyers who may leave after the very first purchase too.

    Parameters
    ----------
    n : int
        Number of customers.
    r, alpha, a, b, k
        As for the BG/CNBD-k, but the chance to leave is there after any purchase.
    T : float or array of n
        Time units from the first purchase to the end of observation.
    unit : {"day", "week", "month", "year"}
        What one time unit is called in the table; it changes no number.
    seed : int or numpy Generator
        Same seed, same customers.

    Returns
    -------
    DataFrame
        customer_id, frequency, recency, T, log_gaps, unit, purchase_rate and alive, as for the BG/CNBD-k.

    Raises
    ------
    ConfigError
        If a parameter is not positive, k is not a whole number from 1, or the unit is not known.

    Examples
    --------
    >>> customers = mbgcnbd_customers(5000, r=0.85, alpha=1.45, a=0.79, b=2.42, k=3)
    >>> bool(customers["alive"][customers["frequency"] == 0].all())
    False
    """
    return _customers(n, r, alpha, a, b, k, T, unit, seed, chances_before=1)


def _customers(
    n: int,
    r: float,
    alpha: float,
    a: float,
    b: float,
    k: int,
    T: Duration,
    unit: str,
    seed: Seed,
    chances_before: int,
) -> pd.DataFrame:
    require_positive(n=n, r=r, alpha=alpha, a=a, b=b, T=T)
    require_unit(unit)
    with Arguments() as check:
        k = check.whole("k", k, least=1)
    rng = generator(seed)
    rate = rng.gamma(r, 1 / alpha, n)
    leaves_after = rng.geometric(chances(a, b, n, rng)) - chances_before
    until = np.broadcast_to(np.asarray(T, dtype=float), n)
    passed = rng.poisson(rate * until)
    bought = np.minimum(passed // k, leaves_after)
    owner = np.repeat(np.arange(n), bought)
    gaps = rng.gamma(k, size=len(owner))
    gone_by = np.bincount(owner, gaps, n)
    length = gone_by + rng.gamma(passed - k * bought + 1)
    scale = until / length
    return pd.DataFrame(
        {
            "customer_id": customer_ids(n),
            "frequency": bought.astype("int64"),
            "recency": gone_by * scale,
            "T": until.copy(),
            "log_gaps": np.bincount(owner, np.log(gaps * scale[owner]), n),
            "unit": unit,
            "purchase_rate": rate / k,
            "alive": bought < leaves_after,
        }
    )

"""Customers who buy at any time and leave unobserved: BG/NBD, MBG/NBD and Pareto/NBD as in their papers.

Given N purchases of a Poisson process in a stretch of time, their moments are N sorted uniform numbers. So the x-th of
them is the stretch times a Beta(x, N - x + 1), and a million customers need no loop and no list of purchases.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from retention_kit.simulate.simulation_inputs import Seed, customer_ids, generator, require_positive, require_unit

SMALLEST_CHANCE = 1e-12
"""Replaces a chance of leaving that underflows to 0."""

Duration = float | np.ndarray | pd.Series


def bgnbd_customers(
    n: int, *, r: float, alpha: float, a: float, b: float, T: Duration = 52.0, unit: str = "week", seed: Seed = 1
) -> pd.DataFrame:
    r"""Customers of a BG/NBD process: after every repeat purchase a customer may leave for good.

    Parameters
    ----------
    n : int
        Number of customers.
    r, alpha : float
        Shape, and rate in time units, of the gamma distribution of purchase rates.
    a, b : float
        Parameters of the beta distribution of the chance to leave after a repeat purchase.
    T : float or array of n
        Time units from the first purchase to the end of observation.
    unit : {"day", "week", "month", "year"}
        Name of the time unit in the table; it changes no number.
    seed : int or numpy Generator
        Same seed, same customers.

    Returns
    -------
    DataFrame
        customer_id, frequency (repeat purchases), recency (first to last purchase), T, unit, and the hidden truth:
        purchase_rate (per time unit, while alive) and alive (at the end of observation).

    Raises
    ------
    ConfigError
        If a parameter is not positive, or the unit is not known.

    Notes
    -----
    .. math:: \lambda \sim \Gamma(r, \alpha),\quad p \sim B(a, b),\quad P(\text{leave after purchase } j) = p

    P. Fader, B. Hardie, K. L. Lee (2005), "Counting your customers" the easy way, Marketing Science 24(2).

    Examples
    --------
    >>> customers = bgnbd_customers(20_000, r=0.243, alpha=4.414, a=0.793, b=2.426, T=32)
    >>> f"{customers['frequency'].mean():.1f}"
    '1.0'
    """
    require_positive(n=n, r=r, alpha=alpha, a=a, b=b, T=T)
    require_unit(unit)
    rng = generator(seed)
    rate = rng.gamma(r, 1 / alpha, n)
    leaves_after = rng.geometric(chances(a, b, n, rng))
    return _observe(rate, leaves_after, T, unit, rng)


def mbgnbd_customers(
    n: int, *, r: float, alpha: float, a: float, b: float, T: Duration = 52.0, unit: str = "week", seed: Seed = 1
) -> pd.DataFrame:
    r"""Customers of an MBG/NBD process: they may leave after the first purchase too.

    Parameters
    ----------
    n : int
        Number of customers.
    r, alpha : float
        Shape, and rate in time units, of the gamma distribution of purchase rates.
    a, b : float
        Parameters of the beta distribution of the chance to leave after any purchase.
    T : float or array of n
        Time units from the first purchase to the end of observation.
    unit : {"day", "week", "month", "year"}
        Name of the time unit in the table; it changes no number.
    seed : int or numpy Generator
        Same seed, same customers.

    Returns
    -------
    DataFrame
        customer_id, frequency, recency, T, purchase_rate and alive, as for the BG/NBD.

    Raises
    ------
    ConfigError
        If a parameter is not positive, or the unit is not known.

    Notes
    -----
    E. P. Batislam, M. Denizel, A. Filiztekin (2007), Empirical validation and comparison of models for customer base
    analysis, International Journal of Research in Marketing 24(3).

    Examples
    --------
    >>> customers = mbgnbd_customers(20_000, r=0.525, alpha=6.183, a=0.891, b=1.614)
    >>> bool(customers["alive"][customers["frequency"] == 0].all())
    False
    """
    require_positive(n=n, r=r, alpha=alpha, a=a, b=b, T=T)
    require_unit(unit)
    rng = generator(seed)
    rate = rng.gamma(r, 1 / alpha, n)
    leaves_after = rng.geometric(chances(a, b, n, rng)) - 1
    return _observe(rate, leaves_after, T, unit, rng)


def pareto_nbd_customers(
    n: int, *, r: float, alpha: float, s: float, beta: float, T: Duration = 52.0, unit: str = "week", seed: Seed = 1
) -> pd.DataFrame:
    r"""Customers of a Pareto/NBD process: they leave at a moment that is independent of their purchases.

    Parameters
    ----------
    n : int
        Number of customers.
    r, alpha : float
        Shape, and rate in time units, of the gamma distribution of purchase rates.
    s, beta : float
        Shape, and rate in time units, of the gamma distribution of rates of leaving.
    T : float or array of n
        Time units from the first purchase to the end of observation.
    unit : {"day", "week", "month", "year"}
        Name of the time unit in the table; it changes no number.
    seed : int or numpy Generator
        Same seed, same customers.

    Returns
    -------
    DataFrame
        customer_id, frequency, recency, T, purchase_rate and alive, as for the BG/NBD.

    Raises
    ------
    ConfigError
        If a parameter is not positive, or the unit is not known.

    Notes
    -----
    .. math:: \lambda \sim \Gamma(r, \alpha),\quad \mu \sim \Gamma(s, \beta),\quad \tau \sim \text{Exp}(\mu)

    D. Schmittlein, D. Morrison, R. Colombo (1987), Counting your customers, Management Science 33(1).

    Examples
    --------
    >>> customers = pareto_nbd_customers(20_000, r=0.553, alpha=10.578, s=0.606, beta=11.669)
    >>> bool((customers["recency"] <= customers["T"]).all())
    True
    """
    require_positive(n=n, r=r, alpha=alpha, s=s, beta=beta, T=T)
    require_unit(unit)
    rng = generator(seed)
    rate = rng.gamma(r, 1 / alpha, n)
    leaving_rate = np.maximum(rng.gamma(s, 1 / beta, n), SMALLEST_CHANCE)
    lifetime = rng.exponential(1 / leaving_rate)
    return _observe(rate, np.iinfo(np.int64).max, T, unit, rng, lifetime)


def chances(a: float, b: float, n: int, rng: np.random.Generator) -> np.ndarray:
    """Each customer's own chance of leaving after a purchase."""
    return np.maximum(rng.beta(a, b, n), SMALLEST_CHANCE)


def _observe(
    rate: np.ndarray,
    leaves_after: np.ndarray | int,
    T: Duration,
    unit: str,
    rng: np.random.Generator,
    lifetime: np.ndarray | float = np.inf,
) -> pd.DataFrame:
    """The observable data up to T of customers who stop after a number of purchases or after some time."""
    until = np.broadcast_to(np.asarray(T, dtype=float), rate.shape)
    stretch = np.minimum(until, lifetime)
    wished = rng.poisson(rate * stretch)
    bought = np.minimum(wished, leaves_after)
    last = stretch * rng.beta(np.maximum(bought, 1), np.maximum(wished - bought, 0) + 1)
    return pd.DataFrame(
        {
            "customer_id": customer_ids(len(rate)),
            "frequency": bought.astype("int64"),
            "recency": np.where(bought > 0, last, 0.0),
            "T": until.copy(),
            "unit": unit,
            "purchase_rate": rate,
            "alive": (bought < leaves_after) & (lifetime >= until),
        }
    )

"""Amounts of the Gamma-Gamma model: of single orders, or their mean per customer."""

from __future__ import annotations

import numpy as np
import pandas as pd

from retention_kit.arguments import Arguments
from retention_kit.simulate.simulation_inputs import Seed, generator, require_positive


def order_amounts(owner: np.ndarray, *, p: float, q: float, gamma: float, seed: Seed = 1) -> np.ndarray:
    r"""Gamma-Gamma amounts of single orders: each customer has their own mean, around which the orders vary.

    `owner` is the number of each order's customer, from 0; p is the shape of the amounts, q and gamma are the shape
    and the rate of the customers' scale.

    Notes
    -----
    .. math:: z \mid \nu \sim \Gamma(p, \nu),\quad \nu \sim \Gamma(q, \gamma),\quad E[Z] = p \gamma / (q - 1)

    P. Fader, B. Hardie (2013), The Gamma-Gamma model of monetary value, note 025.

    Examples
    --------
    >>> amounts = order_amounts(np.arange(100_000), p=6.25, q=3.74, gamma=15.44)
    >>> f"{amounts.mean():.0f}"
    '35'
    """
    rng = generator(seed)
    customers = int(owner.max()) + 1 if len(owner) else 0
    scale = rng.gamma(q, 1 / gamma, customers)
    amounts: np.ndarray = rng.gamma(p, 1.0, len(owner)) / scale[owner]
    return amounts


def gamma_gamma_values(
    frequency: np.ndarray | pd.Series, *, p: float, q: float, gamma: float, seed: Seed = 1
) -> np.ndarray:
    r"""Mean amount of each customer's repeat purchases, without drawing the single ones.

    Parameters
    ----------
    frequency : array or Series of int
        Repeat purchases of each customer.
    p, q, gamma : float
        As for `order_amounts`.
    seed : int or numpy Generator
        Same seed, same values.

    Returns
    -------
    array of float
        NaN for customers without a repeat purchase.

    Raises
    ------
    ConfigError
        If a parameter is not positive.

    Notes
    -----
    The mean of x amounts is Gamma(p x, nu x).

    Examples
    --------
    >>> gamma_gamma_values(np.array([0]), p=6.25, q=3.74, gamma=15.44).tolist()
    [nan]
    """
    require_positive(p=p, q=q, gamma=gamma)
    rng = generator(seed)
    with Arguments() as check:
        x = np.atleast_1d(check.array("frequency", frequency, least=0, whole=True))
    scale = rng.gamma(q, 1 / gamma, len(x))
    mean = rng.gamma(p * np.maximum(x, 1)) / (scale * np.maximum(x, 1))
    return np.where(x > 0, mean, np.nan)

"""Single orders of simulated customers: moments and amounts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from retention_kit.arguments import Arguments, described, plain
from retention_kit.errors import ConfigError, DataError
from retention_kit.schema import UNIT_DAYS
from retention_kit.simulate.order_amounts import order_amounts
from retention_kit.simulate.purchase_processes import Duration, bgnbd_customers
from retention_kit.simulate.simulation_inputs import Seed, generator, require_positive, require_unit


def bgnbd_orders(
    n_customers: int,
    r: float,
    alpha: float,
    a: float,
    b: float,
    *,
    p: float = 6.25,
    q: float = 3.74,
    gamma: float = 15.44,
    T: Duration = 52.0,
    unit: str = "week",
    as_of: str = "2026-09-30",
    seed: Seed = 1,
) -> pd.DataFrame:
    """An order log whose BG/NBD and Gamma-Gamma parameters are known.

    Parameters
    ----------
    n_customers : int
        Number of customers.
    r, alpha, a, b : float
        BG/NBD parameters, alpha in units.
    p, q, gamma : float
        Gamma-Gamma parameters of the amounts.
    T : float or array of n_customers
        Units from each customer's first order to `as_of`.
    unit : str
        day, week, month or year.
    as_of : str
        Last day of the log.
    seed : int or numpy Generator
        Same seed, same log.

    Returns
    -------
    DataFrame
        customer_id, ordered_at, amount (rounded to cents); sorted by customer, not by time.

    Raises
    ------
    ConfigError
        If a parameter is not positive or the unit is unknown.

    Examples
    --------
    >>> log = bgnbd_orders(1000, r=0.243, alpha=4.414, a=0.793, b=2.426)
    >>> log["customer_id"].nunique(), log.columns.tolist()
    (1000, ['customer_id', 'ordered_at', 'amount'])
    """
    rng = generator(seed)
    customers = bgnbd_customers(n_customers, r=r, alpha=alpha, a=a, b=b, T=T, unit=unit, seed=rng)
    return orders_of(customers, p=p, q=q, gamma=gamma, unit=unit, as_of=as_of, seed=rng)


def orders_of(
    customers: pd.DataFrame,
    *,
    p: float = 6.25,
    q: float = 3.74,
    gamma: float = 15.44,
    unit: str | None = None,
    as_of: str = "2026-09-30",
    seed: Seed = 1,
) -> pd.DataFrame:
    """The order log behind a table of simulated customers.

    Parameters
    ----------
    customers : DataFrame
        customer_id, frequency, recency, T, as from the generators of this package.
    p, q, gamma : float
        Gamma-Gamma parameters of the amounts.
    unit : {"day", "week", "month", "year"}, optional
        Unit of recency and T; by default the table's column unit, or weeks if it has none.
    as_of : str
        Last day of the log.
    seed : int or numpy Generator
        Same seed and customers, same log.

    Returns
    -------
    DataFrame
        customer_id, ordered_at, amount; one row per purchase, first ones included.

    Raises
    ------
    ConfigError
        If a parameter is not positive or the unit is unknown.

    Notes
    -----
    First orders are at noon, so that differences in whole days are rounded values of recency and T.

    Examples
    --------
    >>> customers = pd.DataFrame({"customer_id": ["a"], "frequency": [1], "recency": [2.0], "T": [3.0]})
    >>> orders_of(customers, as_of="2026-01-31")["ordered_at"].dt.date.astype(str).tolist()
    ['2026-01-10', '2026-01-24']
    """
    with Arguments(DataError) as check:
        check.frame("customers", customers, ("customer_id", "frequency", "recency", "T"))
    unit = _unit_of(customers) if unit is None else unit
    require_unit(unit)
    require_positive(p=p, q=q, gamma=gamma)
    rng = generator(seed)
    owner, since_first = order_moments(customers, rng)
    days = (since_first - customers["T"].to_numpy()[owner]) * UNIT_DAYS[unit]
    noon = day_of_text(as_of) + np.timedelta64(12, "h")
    return pd.DataFrame(
        {
            "customer_id": customers["customer_id"].take(owner).array,
            "ordered_at": noon + np.rint(days * 86_400).astype("timedelta64[s]"),
            "amount": order_amounts(owner, p=p, q=q, gamma=gamma, seed=rng).round(2),
        }
    )


def day_of_text(as_of: str) -> np.datetime64:
    """The first moment of a day such as 2026-03-31."""
    try:
        if plain(as_of) is not None:
            raise ValueError(as_of)
        day: np.datetime64 = np.datetime64(str(as_of)[:10], "D").astype("datetime64[s]")
    except ValueError:
        day = np.datetime64("NaT")
    if np.isnat(day):
        raise ConfigError(f"as_of is a day such as 2026-03-31; got {described(as_of)}.")
    return day


def _unit_of(customers: pd.DataFrame) -> str:
    return str(customers["unit"].iloc[0]) if "unit" in customers and len(customers) else "week"


def order_moments(customers: pd.DataFrame, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Row number of the customer, and time since their first order, of every order.

    The first order of each customer is at 0, the last at `recency`, and the others are uniform between them.

    Examples
    --------
    >>> customers = pd.DataFrame({"frequency": [0, 2], "recency": [0.0, 5.0]})
    >>> owner, since_first = order_moments(customers, np.random.default_rng(1))
    >>> owner.tolist(), since_first[[0, 1, 3]].tolist()
    ([0, 1, 1, 1], [0.0, 0.0, 5.0])
    """
    count = customers["frequency"].to_numpy() + 1
    owner = np.repeat(np.arange(len(count)), count)
    last = np.cumsum(count) - 1
    since_first = rng.random(len(owner)) * customers["recency"].to_numpy()[owner]
    since_first[last] = customers["recency"].to_numpy()
    since_first[last - count + 1] = 0.0
    return owner, since_first

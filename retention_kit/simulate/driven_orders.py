"""Orders of customers whose rates follow covariates that change with time: Pareto/NBD as Bachmann et al. tell it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from retention_kit.arguments import Arguments
from retention_kit.errors import DataError
from retention_kit.schema import UNIT_DAYS
from retention_kit.simulate.order_amounts import order_amounts
from retention_kit.simulate.order_moments import day_of_text
from retention_kit.simulate.purchase_processes import SMALLEST_CHANCE, Duration
from retention_kit.simulate.simulation_inputs import Seed, customer_ids, generator, require_positive, require_unit

_CELLS = 5_000_000
"""Customers × periods that are drawn at a time."""


def dynamic_covariate_orders(
    n: int,
    covariates: pd.DataFrame,
    *,
    r: float,
    alpha: float,
    s: float,
    beta: float,
    purchase: Mapping[str, float] | None = None,
    dropout: Mapping[str, float] | None = None,
    T: Duration = 52.0,
    unit: str = "week",
    as_of: str = "2026-09-30",
    seed: Seed = 1,
) -> pd.DataFrame:
    r"""An order log of a Pareto/NBD world whose covariates change with time, and whose parameters are known.

    Parameters
    ----------
    n : int
        Number of customers.
    covariates : DataFrame
        period (its first day) and numeric covariates, for the whole shop; or with customer_id, a row per customer and
        period, in which case the customers are those, n of them.
    r, alpha, s, beta : float
        Pareto/NBD parameters for covariates of 0; alpha and beta in units.
    purchase, dropout : mapping, optional
        Effects by covariate: one unit more multiplies the rate of buying, or of being lost, by exp(effect).
    T : float or array of n
        Units from each customer's first order to `as_of`.
    unit : {"day", "week", "month", "year"}
        Of T, alpha and beta.
    as_of : str
        Last day of the log.
    seed : int or numpy Generator
        Same seed, same log.

    Returns
    -------
    DataFrame
        customer_id, ordered_at (noon), amount; one row per purchase, first ones included.

    Raises
    ------
    ConfigError
        If a parameter is not positive or the unit is unknown.
    DataError
        If the table lacks a column, or a customer and period that is needed.

    Notes
    -----
    .. math:: \lambda_i(t) = \lambda_i e^{\gamma' z(t)},\quad \mu_i(t) = \mu_i e^{\delta' z(t)},\quad
              \lambda_i \sim \Gamma(r, \alpha),\quad \mu_i \sim \Gamma(s, \beta)

    P. Bachmann, M. Meierer, J. Näf (2021), Marketing Science 40(4). A purchase on a day belongs to that day's period.

    Examples
    --------
    >>> sale = pd.DataFrame({"period": pd.date_range("2026-01-01", "2026-09-30", freq="7D")})
    >>> sale["sale"] = np.arange(len(sale)) % 4 == 0
    >>> log = dynamic_covariate_orders(
    ...     500, sale, r=1.0, alpha=8.0, s=0.7, beta=15.0, purchase={"sale": 1.0}, T=30.0
    ... )
    >>> log["customer_id"].nunique()
    500
    """
    purchase, dropout = dict(purchase or {}), dict(dropout or {})
    require_positive(n=n, r=r, alpha=alpha, s=s, beta=beta, T=T)
    require_unit(unit)
    names = list(dict.fromkeys([*purchase, *dropout]))
    with Arguments(DataError) as check:
        check.frame("covariates", covariates, ("period", *names))
    rng, days = generator(seed), UNIT_DAYS[unit]
    end = int(day_of_text(as_of).astype("datetime64[D]").astype(np.int64))
    first = end - np.rint(np.broadcast_to(np.asarray(T, dtype=float), n) * days).astype(np.int64)
    ids, edges, values = _values(n, covariates, names)
    owners, moments = [np.arange(n)], [first]
    size = max(_CELLS // len(edges), 1)
    for start in range(0, n, size):
        some = slice(start, min(start + size, n))
        log_rate = {k: values[k][some] if len(values[k]) > 1 else values[k] for k in names}
        owner, day = _draw((r, alpha * days, s, beta * days), purchase, dropout, log_rate, edges, first[some], end, rng)
        owners.append(owner + start)
        moments.append(day)
    owner, moment = np.concatenate(owners), np.concatenate(moments)
    return pd.DataFrame(
        {
            "customer_id": pd.Series(ids).take(owner).array,
            "ordered_at": moment.astype("datetime64[D]").astype("datetime64[s]") + np.timedelta64(12, "h"),
            "amount": order_amounts(owner, p=6.25, q=3.74, gamma=15.44, seed=rng).round(2),
        }
    )


def _values(n: int, covariates: pd.DataFrame, names: list[str]) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Ids, the days on which periods begin, and each covariate by customer (or for all) and period."""
    period = pd.DatetimeIndex(pd.to_datetime(covariates["period"])).to_numpy().astype("datetime64[D]").astype(np.int64)
    edges, position = np.unique(period, return_inverse=True)
    if "customer_id" not in covariates:
        ids, owner = customer_ids(n).to_numpy(), np.zeros(len(covariates), dtype=np.int64)
    else:
        owner, distinct = pd.factorize(covariates["customer_id"], sort=True)
        ids = np.asarray(distinct)
        if len(ids) != n:
            raise DataError(f"The covariates are of {len(ids):,} customers, n is {n:,}.")
    values = {}
    for name in names:
        values[name] = np.full((owner.max() + 1, len(edges)), np.nan)
        values[name][owner, position] = covariates[name].to_numpy(dtype=float)
    return ids, edges, values


def _draw(
    parameters: tuple[float, float, float, float],
    purchase: Mapping[str, float],
    dropout: Mapping[str, float],
    values: Mapping[str, np.ndarray],
    edges: np.ndarray,
    first: np.ndarray,
    end: int,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Customer and day of each repeat purchase. The day d is the stretch (d - 1/2, d + 1/2]."""
    r, alpha, s, beta = parameters
    begin, stop = edges - 0.5, np.append(edges[1:] - 0.5, end)
    width = np.clip(np.minimum(stop, end) - np.maximum(begin, first[:, None]), 0, None)
    shape, n = width.shape, len(first)
    rates = [np.exp(sum((e * values[k] for k, e in some.items()), np.zeros(shape))) for some in (purchase, dropout)]
    if first.min() < begin[0] or any((np.isnan(rate) & (width > 0)).any() for rate in rates):
        raise DataError("The covariates lack a period or a value of a time at which a customer is there.")
    buying, leaving = (np.cumsum(np.where(width > 0, rate * width, 0.0), axis=1) for rate in rates)
    lost = rng.exponential(size=n) / np.maximum(rng.gamma(s, 1 / beta, n), SMALLEST_CHANCE)
    every = np.arange(n)
    until = _between(lost, every, leaving, buying)
    count = rng.poisson(rng.gamma(r, 1 / alpha, n) * until)
    owner = np.repeat(every, count)
    time = np.cumsum(width, axis=1).astype(float)
    moment = _between(rng.random(len(owner)) * until[owner], owner, buying, time)
    return owner, first[owner] + np.floor(moment + 0.5).astype(np.int64)


def _between(target: np.ndarray, owner: np.ndarray, clock: np.ndarray, other: np.ndarray) -> np.ndarray:
    """What another clock shows when one shows `target`; both grow linearly within a period. The end at the most."""
    last = clock.shape[1] - 1
    period = np.zeros(len(owner), dtype=np.int64)
    for k in range(last):
        period += target > clock[owner, k]
    before = np.maximum(period - 1, 0)
    start, begin = (np.where(period > 0, v[owner, before], 0.0) for v in (clock, other))
    step, length = clock[owner, period] - start, other[owner, period] - begin
    share = np.clip((target - start) / np.where(step > 0, step, 1.0), 0.0, 1.0)
    return np.asarray(begin + share * length)

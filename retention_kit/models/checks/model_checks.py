"""Tables that show whether a model fits: what was observed beside what it expects."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention_kit.arguments import Arguments
from retention_kit.errors import ConfigError, DataError
from retention_kit.models.base.columns import Customers
from retention_kit.models.purchases.purchase_model import PurchaseModel


def frequency_histogram(model: PurchaseModel, customers: Customers, *, top: int = 7) -> pd.DataFrame:
    """Customers by number of repeat purchases: observed, and expected for new customers watched as long.

    Parameters
    ----------
    model : fitted model of purchases
        In the unit of the customers.
    customers : DataFrame or Ibis table
        With frequency, recency, T and the model's covariates, if it has any.
    top : int
        First number of the last, open band; 1 or more.

    Returns
    -------
    DataFrame
        frequency, label, actual, expected (customers).

    Examples
    --------
    >>> from retention_kit.models import BGNBD
    >>> table = pd.DataFrame({"frequency": [0, 2], "recency": [0.0, 3.0], "T": [10.0, 10.0]})
    >>> frequency_histogram(BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426), table, top=2).round(2).values.tolist()
    [[0, '0', 1.0, 1.5], [1, '1', 0.0, 0.31], [2, '2+', 1.0, 0.19]]
    """
    with Arguments() as check:
        check.instance("model", model, PurchaseModel, "a fitted model of purchases, such as BGNBD")
        top = check.whole("top", top, least=1)
    rows = model.process.read(customers, unit=model.unit)
    actual = np.bincount(np.minimum(rows["frequency"], top).astype(int), rows.weights, top + 1)
    expected = np.zeros(top)
    for position, process, theta in model.process.alike(model.theta, rows):
        spans, at = np.unique(rows["T"][position], return_inverse=True)
        watched = np.bincount(at, rows.weights[position], len(spans))
        expected += [watched @ process.probability_of_n_new(theta, n, spans) for n in range(top)]
    expected = np.append(expected, rows.n - expected.sum())
    labels = [*map(str, range(top)), f"{top}+"]
    return pd.DataFrame({"frequency": range(top + 1), "label": labels, "actual": actual, "expected": expected})


def frequency_recency_grid(
    model: PurchaseModel, *, T: float, t: float, max_frequency: int = 20, steps: int = 40
) -> pd.DataFrame:
    """P(alive) and expected purchases over frequency and recency, for customers watched for T.

    Parameters
    ----------
    model : fitted model of purchases
        Its unit holds for T and t.
    T : float
        Time since the first purchase; for BGBB a whole number of opportunities.
    t : float
        Future over which purchases are expected; for BGBB a whole number of opportunities.
    max_frequency : int
        Highest frequency of the grid.
    steps : int
        Steps of recency from 0 to T; for BGBB there is one step for each opportunity.

    Returns
    -------
    DataFrame
        frequency, recency, probability_alive, expected_purchases; NaN where the two contradict each other.

    Examples
    --------
    >>> from retention_kit.models import BGNBD
    >>> model = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
    >>> grid = frequency_recency_grid(model, T=40, t=26, max_frequency=2, steps=2)
    >>> grid.pivot(index="frequency", columns="recency", values="probability_alive").round(2).values.tolist()
    [[1.0, nan, nan], [nan, 0.59, 0.75], [nan, 0.53, 0.81]]
    """
    with Arguments() as check:
        check.instance("model", model, PurchaseModel, "a fitted model of purchases, such as BGNBD")
        T, t = check.number("T", T, above=0), check.number("t", t, least=0)
        max_frequency = check.whole("max_frequency", max_frequency, least=0)
        steps = check.whole("steps", steps, least=1)
    _refuse_fractions(model, T=T, t=t)
    recency = np.linspace(0, T, _moments(model, T, steps))
    x, t_x = (v.ravel() for v in np.meshgrid(np.arange(max_frequency + 1), recency, indexing="ij"))
    grid = pd.DataFrame({"frequency": x, "recency": t_x, "T": float(T)})
    possible = (grid["frequency"] > 0) == (grid["recency"] > 0)
    if model.process.counts_opportunities:
        possible &= grid["frequency"] <= grid["recency"]
    values = {
        "probability_alive": model.probability_alive(grid[possible]),
        "expected_purchases": model.expected_purchases(grid[possible], t),
    }
    return grid.drop(columns="T").assign(**values)


def alive_history(model: PurchaseModel, purchase_times: npt.ArrayLike, *, T: float, steps: int = 200) -> pd.DataFrame:
    """P(alive) of one customer as it would have been read at any moment since the first purchase.

    Parameters
    ----------
    model : fitted model of purchases
        Its unit holds for the times.
    purchase_times : array
        Times of the repeat purchases since the first one, from above 0 to T; for BGBB different whole numbers.
    T : float
        Time since the first purchase until now.
    steps : int
        Moments between 0 and T; the purchases are added. For BGBB there is one for each opportunity.

    Returns
    -------
    DataFrame
        time, frequency, recency, probability_alive.

    Examples
    --------
    >>> from retention_kit.models import MBGNBD
    >>> model = MBGNBD(r=0.525, alpha=6.183, a=0.891, b=1.614)
    >>> alive_history(model, [2.0], T=40, steps=2).round(2)["probability_alive"].tolist()
    [0.64, 0.75, 0.33, 0.17]
    """
    with Arguments() as check:
        check.instance("model", model, PurchaseModel, "a fitted model of purchases, such as BGNBD")
        bought = np.sort(check.array("purchase_times", purchase_times).ravel())
        T, steps = check.number("T", T, above=0), check.whole("steps", steps, least=1)
    _refuse_fractions(model, T=T, purchase_times=bought)
    if model.process.counts_opportunities and len(np.unique(bought)) < len(bought):
        raise DataError("BGBB knows one purchase an opportunity; some purchase_times are the same.")
    if len(bought) and (bought[0] <= 0 or bought[-1] > T):
        raise DataError(f"Repeat purchases must lie after 0 and not after T = {T}; got {bought[0]} to {bought[-1]}.")
    time = np.unique(np.concatenate([np.linspace(0, T, _moments(model, T, steps)), bought]))
    x = np.searchsorted(bought, time, side="right")
    t_x = np.where(x > 0, np.append(0.0, bought)[x], 0.0)
    table = pd.DataFrame({"frequency": x, "recency": t_x, "T": time})
    alive = model.probability_alive(table)
    return pd.DataFrame({"time": time, "frequency": x, "recency": t_x, "probability_alive": alive})


def _refuse_fractions(model: PurchaseModel, **times: Any) -> None:
    """Times that are no whole numbers, where the model counts opportunities."""
    wrong = [name for name, value in times.items() if (np.asarray(value) % 1 != 0).any()]
    if wrong and model.process.counts_opportunities:
        raise ConfigError(f"{type(model).__name__} counts whole opportunities; {', '.join(wrong)} must be whole.")


def _moments(model: PurchaseModel, T: float, steps: int) -> int:
    """How many moments there are from 0 to T: one for each opportunity, where the model counts these."""
    return int(T if model.process.counts_opportunities else steps) + 1

"""Customer lifetime value: expected purchases, times their expected value, discounted to today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import ibis
import numpy as np
import pandas as pd

from retention_kit.arguments import Arguments
from retention_kit.errors import caution
from retention_kit.models.base.columns import Customers
from retention_kit.models.base.discounting import force_of_interest
from retention_kit.models.base.rows import Rows, unused
from retention_kit.models.futures.drawn_futures import COLUMNS, Question
from retention_kit.models.futures.forecast import forecast
from retention_kit.models.numerics.arrays import Array
from retention_kit.models.purchases.purchase_model import PurchaseModel
from retention_kit.models.spend.spend_model import SpendModel, SpendProcess, refuse_values
from retention_kit.schema import DAYS_PER_MONTH, UNIT_DAYS


def lifetime_value(
    transactions: PurchaseModel,
    spend: SpendModel,
    customers: Customers,
    *,
    months: float,
    annual_discount_rate: float,
    margin: float = 1.0,
    by: str | Sequence[str] | None = None,
    level: float | None = None,
    draws: int = 400,
    seed: int = 0,
    futures: bool = True,
) -> Any:
    r"""Expected present value of each customer's purchases in the coming months.

    Parameters
    ----------
    transactions : fitted model of purchases
        A month is 365.25/12 days, in its unit of time.
    spend : GammaGamma or ConstantSpend
        Expected value per purchase.
    customers : DataFrame or Ibis table
        From `summarise.customers`.
    months : float
        Horizon; for BGBB the opportunities that end within it.
    annual_discount_rate : float
        0.1 for 10 % a year, compounded continuously: every purchase is discounted from its own moment.
    margin : float
        Share of revenue that is kept.
    by : str or list of str, optional
        Sums per group of these columns; an empty list is the sum over everybody.
    level : float, optional
        With it, or with `by`, intervals are added, of this level (0.9 for `by` alone).
    draws, seed : int
        Number of draws of the parameters for the intervals, and their seed.
    futures : bool
        Whether customers also get predicted_low and predicted_high, for which a future is drawn for each customer and
        draw: leave them out where all customers of a large shop are asked for.

    Returns
    -------
    Series, DataFrame or Ibis table
        Money per customer, lifetime_value, without earnings so far. Customers whose repeat purchases
        were all refunded count as having spent 0 in each of them, so they are worth less than the mean. With intervals
        a DataFrame (or Ibis table) with expected, expected_low, expected_high for the expectation, and predicted_low,
        predicted_high for the actual value; per group also n. The ends are NaN, with a warning, if a draw of the
        spend has no mean.

    Notes
    -----
    Intervals hold chance and the uncertainty of the parameters, not the error of the model; for the revenue of
    everybody or of segments `models.forecast_total` has that too.

    .. math:: CLV = m \cdot E[M \mid x, \bar z] \int_0^t e^{-\delta u} \, E[\lambda(T + u) \mid x, t_x, T] \, du

    Examples
    --------
    >>> from retention_kit.models import BGNBD, GammaGamma
    >>> one = pd.DataFrame({"frequency": [2], "recency": [30.43], "T": [38.86], "monetary_value": [22.35]})
    >>> purchases, spend = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426), GammaGamma(p=6.25, q=3.744, gamma=15.44)
    >>> lifetime_value(purchases, spend, one, months=12, annual_discount_rate=1.01**12 - 1).round(2).item()
    36.48
    """
    with Arguments() as check:
        check.instance("transactions", transactions, PurchaseModel, "a fitted model of purchases, such as BGNBD")
        check.instance("spend", spend, SpendModel, "a fitted GammaGamma")
        months = check.number("months", months, above=0, endless=True)
        margin = check.number("margin", margin, above=0, most=1)
        own = by is not None or level is not None  # without, discounted_purchases warns of a rate above 1
        kind = check.discount_rate if own else partial(check.number, least=0)
        rate = kind("annual_discount_rate", annual_discount_rate)
        level = None if level is None else check.level("level", level)
        draws, seed = check.whole("draws", draws, least=1), check.whole("seed", seed, least=0)
        futures = check.flag("futures", futures)
    refuse_values(customers)
    t = transactions.process.horizon(months * DAYS_PER_MONTH / UNIT_DAYS[transactions.unit], transactions.unit)
    if own:
        spent = unused(customers.columns, 1)[0]
        force = force_of_interest(rate, transactions.unit)
        question = Value(transactions.process, spend.process, t, force, margin, spent)
        level = 0.9 if level is None else level
        return _with_intervals(question, transactions, spend, customers, by, level, draws, seed, futures)
    often = transactions.discounted_purchases(customers, t, annual_discount_rate=rate)
    if isinstance(customers, pd.DataFrame):
        return (often * spend.expected_value(customers) * margin).rename("lifetime_value")
    both = spend.expected_value(often)
    value = both.discounted_purchases * both.expected_value * margin
    return both.mutate(lifetime_value=value).drop("discounted_purchases", "expected_value")


def _with_intervals(
    question: Value,
    transactions: PurchaseModel,
    spend: SpendModel,
    customers: Customers,
    by: str | Sequence[str] | None,
    level: float,
    draws: int,
    seed: int,
    futures: bool,
) -> Any:
    """Value per customer or group, from draws of the parameters of both models."""
    best = np.concatenate([transactions.theta, spend.theta])
    drawn = np.hstack([transactions.draws(draws, seed), spend.draws(draws, seed + 1)])
    bounded = spend.process.has_mean(drawn[:, len(transactions.theta) :].T)
    settled = drawn[bounded] if bounded.any() else best[None]
    answer = forecast(
        question,
        best,
        settled,
        with_spent(customers, question.spent),
        title=type(transactions).__name__,
        unit=transactions.unit,
        by=by,
        level=level,
        seed=seed,
        futures=futures,
    )
    answer = answer if isinstance(answer, pd.DataFrame) else answer.drop(question.spent)
    heavy = int((~bounded).sum())
    return _without_ends(answer, heavy, draws) if heavy else answer


def _without_ends(answer: Any, heavy: int, draws: int) -> Any:
    """The expectations without ends: if spend may have no mean, the value of customers has no bound."""
    caution(
        f"In {heavy} of {draws} draws of its parameters GammaGamma has q at or below 1, where expected spend is "
        "infinite: the repeat buyers are too few, or spend too differently, to bound it. The expected value is given "
        "without intervals."
    )
    ends = [name for name in COLUMNS[1:] if name in answer.columns]
    if isinstance(answer, pd.DataFrame):
        return answer.assign(**dict.fromkeys(ends, np.nan))
    return answer.mutate(**{name: ibis.literal(float("nan")) for name in ends})


@dataclass(frozen=True)
class Value(Question):
    """Discounted value of the purchases in the next t; θ holds the parameters of purchases, then those of spend."""

    spend: SpendProcess
    t: float
    force: float
    margin: float
    spent: str = "_spent"
    """The column of `with_spent`."""

    @property
    def columns(self) -> Sequence[str]:
        return (*self.process.columns, self.spent)

    def split(self, theta: Array) -> tuple[Array, Array]:
        """Parameters of purchases, and of spend."""
        k = len(self.process.names)
        return theta[:k], theta[k:]

    def alive(self, theta: Array, rows: Rows) -> Array:
        return self.process.alive(self.split(theta)[0], rows)

    def expected(self, theta: Array, rows: Rows, alive: Array | None = None, rough: bool = False) -> Array:
        buying, spending = self.split(theta)
        worth = self.spend.expected(spending, rows["frequency"], rows[self.spent])
        return self.process.discounted(buying, rows, self.t, self.force, rough, alive) * worth * self.margin

    def future(self, theta: Array, rows: Rows, rng: np.random.Generator, alive: Array | None = None) -> Array:
        """Random purchases, each with its own value."""
        buying, spending = self.split(theta)
        owner, when = self.process.future(buying, rows, self.t, rng, alive)
        value = self.spend.purchases(spending, rows["frequency"], rows[self.spent], owner, rng)
        value = value * np.exp(-self.force * when)
        return np.bincount(owner, value, len(rows)) * self.margin

    def purchases(self, theta: Array, rows: Rows) -> Array:
        return self.process.expected(self.split(theta)[0], rows, self.t)


def with_spent(customers: Customers, spent: str) -> Customers:
    """The customers with their mean value as a number: 0 for customers without one."""
    x, m = customers["frequency"], customers["monetary_value"]
    if isinstance(customers, pd.DataFrame):
        return customers.assign(**{spent: np.where((x > 0) & (m > 0), m, 0.0)})
    return customers.mutate(**{spent: ibis.ifelse((x > 0) & (m > 0), m.cast("float64"), 0.0)})

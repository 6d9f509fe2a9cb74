"""Customer lifetime value: how many more purchases, each worth what it will bring, discounted to today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import ibis
import numpy as np
import pandas as pd

from retention_kit.arguments import Arguments
from retention_kit.errors import caution
from retention_kit.models.base.forecast import COLUMNS, Question, draws_of, forecast, stack
from retention_kit.models.base.rows import Array, Customers, Rows, unused
from retention_kit.models.purchases.purchase_model import PurchaseModel
from retention_kit.models.spend.spend_model import SpendModel, refuse_values
from retention_kit.schema import DAYS_PER_MONTH, UNIT_DAYS

__all__ = ["lifetime_value"]


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
) -> Any:
    r"""Expected value of each customer's purchases in the coming months, in today's money.

    Parameters
    ----------
    transactions : fitted model of purchases
        Its unit says how long a month is: one month is 365.25/12 days.
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
        Of the parameters, for the intervals.

    Returns
    -------
    Series, DataFrame or Ibis table
        Money per customer, lifetime_value; what has been earned so far is not in it. Customers whose repeat purchases
        were all refunded count as having spent 0 in each of them, so they are worth less than the mean. With intervals
        a DataFrame (or Ibis table) with expected, expected_low, expected_high for the expectation, and predicted_low,
        predicted_high for what will be observed; per group also n. The ends are NaN, with a warning, where a draw of
        the spend has no mean.

    Notes
    -----
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
    refuse_values(customers)
    t = transactions._horizon(months * DAYS_PER_MONTH / UNIT_DAYS[transactions.unit])
    if own:
        best = Value(transactions, spend, t, transactions._force(rate), margin, spent=unused(customers.columns, 1)[0])
        return _with_intervals(best, customers, by=by, level=0.9 if level is None else level, draws=draws, seed=seed)
    often = transactions.discounted_purchases(customers, t, annual_discount_rate=rate)
    if isinstance(customers, pd.DataFrame):
        return (often * spend.expected_value(customers) * margin).rename("lifetime_value")
    both = spend.expected_value(often)
    value = both.discounted_purchases * both.expected_value * margin
    return both.mutate(lifetime_value=value).drop("discounted_purchases", "expected_value")


def _with_intervals(
    best: Value, customers: Customers, *, by: str | Sequence[str] | None, level: float, draws: int, seed: int
) -> Any:
    """Value per customer or group, from draws of the parameters of both models."""
    pairs = zip(draws_of(best.model, draws, seed), draws_of(best.spend, draws, seed + 1), strict=True)
    drawn = [replace(best, model=purchases, spend=worth, rough=True) for purchases, worth in pairs]
    settled, table = [one for one in drawn if one.spend._has_mean] or [best], _with_spent(customers, best.spent)
    asked: dict[str, Any] = {"columns": (*best.model._columns, best.spent), "unit": best.model.unit, "by": by}
    answer = forecast(best, settled, table, level=level, seed=seed, **asked)
    answer = answer if isinstance(answer, pd.DataFrame) else answer.drop(best.spent)
    heavy = sum(not one.spend._has_mean for one in drawn)
    return _without_ends(answer, heavy, draws) if heavy else answer


def _without_ends(answer: Any, heavy: int, draws: int) -> Any:
    """The expectations alone: where spend may have no mean, nothing bounds what customers may bring."""
    caution(
        f"In {heavy} of {draws} draws of its parameters GammaGamma has q at or below 1, where expected spend is "
        "infinite: the repeat buyers are too few, or spend too differently, to bound it. The expected value stands "
        "without its intervals."
    )
    if isinstance(answer, pd.DataFrame):
        return answer.assign(**dict.fromkeys(COLUMNS[1:], np.nan))
    return answer.mutate(**{name: ibis.literal(float("nan")) for name in COLUMNS[1:]})


@dataclass(frozen=True)
class Value(Question):
    """Discounted value of the purchases in the next t: both models with one draw of their parameters."""

    spend: Any
    t: float
    force: float
    margin: float
    rough: bool = False
    spent: str = "_spent"
    """The column of `_with_spent`."""

    def together(self, questions: Sequence[Any]) -> Value:
        """One question about all their draws."""
        return replace(self, model=stack([q.model for q in questions]), spend=stack([q.spend for q in questions]))

    def expected(self, rows: Rows, alive: Array | None = None) -> Array:
        worth = self.spend._expected(rows["frequency"], rows[self.spent])
        return self.model._discounted(rows, self.t, self.force, self.rough, alive) * worth * self.margin

    def future(self, rows: Rows, rng: np.random.Generator, alive: Array | None = None) -> Array:
        """Each of the purchases with a value of its own."""
        owner, when = self.model._future(rows, self.t, rng, alive)
        value = self.spend._purchases(rows["frequency"], rows[self.spent], owner, rng) * np.exp(-self.force * when)
        return np.bincount(owner, value, len(rows)) * self.margin

    def purchases(self, rows: Rows) -> Array:
        return self.model._expected(rows, self.t)


def _with_spent(customers: Customers, spent: str) -> Customers:
    """The customers with their mean value as a number everywhere: 0 where there is none to learn from."""
    x, m = customers["frequency"], customers["monetary_value"]
    if isinstance(customers, pd.DataFrame):
        return customers.assign(**{spent: np.where((x > 0) & (m > 0), m, 0.0)})
    return customers.mutate(**{spent: ibis.ifelse((x > 0) & (m > 0), m.cast("float64"), 0.0)})

"""What a new customer may cost: the value that is expected of them over a horizon."""

from __future__ import annotations

from typing import Any

import ibis
import numpy as np
import pandas as pd
from scipy import stats

from retention_kit.arguments import Arguments
from retention_kit.errors import ConfigError
from retention_kit.models.base.columns import Customers, refuse_columns
from retention_kit.models.numerics.arrays import Array
from retention_kit.models.purchases.purchase_model import PurchaseModel
from retention_kit.models.segments.segment_model import SegmentModel
from retention_kit.models.spend.customer_value import lifetime_value
from retention_kit.models.spend.spend_model import SpendModel


def break_even_cost(
    purchases: PurchaseModel | SegmentModel,
    spend: SpendModel | SegmentModel,
    customers: Customers,
    *,
    months: float = 12,
    annual_discount_rate: float = 0.1,
    margin: float = 1.0,
    level: float = 0.95,
    draws: int = 100,
    seed: int = 0,
) -> pd.DataFrame:
    r"""The highest acquisition cost at which a new customer pays within a horizon, of the shop or by segment.

    Parameters
    ----------
    purchases : fitted model of purchases, or SegmentModel
        The shop's model, or `fit_segments(MBGNBD, customers, by=...)`.
    spend : GammaGamma or ConstantSpend, or SegmentModel
        Of the same kind: for segments `fit_segments(GammaGamma, customers, by=...)`.
    customers : DataFrame or Ibis table
        From `summarise.customers`, the customers of the fit; for segments with their column.
    months : float
        Horizon after the first order.
    annual_discount_rate : float
        0.1 for 10 % a year, on what comes after the first order.
    margin : float
        Share of revenue that is kept.
    level : float
        Of the interval.
    draws, seed : int
        Of the parameters.

    Returns
    -------
    DataFrame
        One row, or one per segment: the column of the segments; n: customers; first_order: expected revenue of the
        first event, refunds before the second taken off; later: expected and discounted revenue after it within the
        horizon; value, low, high: margin × (first_order + later), with its interval. Of segments, small ones borrow
        from the shop in all of these.

    Raises
    ------
    ConfigError
        When an argument cannot be read, or only one of the models is by segment.
    DataError
        When the table lacks a column.

    Notes
    -----
    A customer who is won for less brings more than they cost, on average. The interval is that of the expectation: it
    holds the uncertainty of the parameters and of the mean first order, not the error of the model. Means of first
    orders :math:`\bar y_s` are pooled (empirical Bayes; Morris 1983):

    .. math:: \hat\mu_s = B_s \mu + (1 - B_s) \bar y_s, \quad B_s = \frac{\sigma^2 / n_s}{\sigma^2 / n_s + \tau^2}

    with :math:`\tau^2` by DerSimonian and Laird (1986), and both parts of the interval add up as independent errors.

    Examples
    --------
    >>> from retention_kit import load, summarise
    >>> from retention_kit.models import GammaGamma, MBGNBD
    >>> customers = summarise.customers(load.sample("cdnow"), as_of="1998-06-30").to_pandas()
    >>> cost = break_even_cost(MBGNBD.fit(customers), GammaGamma.fit(customers), customers, draws=50)
    >>> cost[["n", "first_order", "later", "value"]].round().astype(int)
           n  first_order  later  value
    0  23570           33     52     85
    """
    with Arguments() as check:
        check.instance("purchases", purchases, (PurchaseModel, SegmentModel), "a fitted model of purchases")
        check.instance("spend", spend, (SpendModel, SegmentModel), "a fitted model of spend")
        margin = check.number("margin", margin, above=0, most=1)
        level = check.level("level", level)
        by_segment = isinstance(purchases, SegmentModel)
        check.fault(
            "purchases and spend are both models of the shop, or both of fit_segments",
            when=by_segment != isinstance(spend, SegmentModel),
        )
    by = purchases.by if isinstance(purchases, SegmentModel) else None
    names = ["frequency", "monetary_value", "revenue", *([by] if by else [])]
    refuse_columns(customers, names, None)
    groups = purchases.segments if isinstance(purchases, SegmentModel) else ("",)
    money = {"months": months, "annual_discount_rate": annual_discount_rate, "level": level, "draws": draws}
    later = _later(purchases, spend, groups, {**money, "seed": seed})
    n, first, error = _first_orders(customers, by, groups)
    width = stats.norm.ppf((1 + level) / 2) * error
    expected, low, high = (later[f"expected{end}"].to_numpy() for end in ("", "_low", "_high"))
    table = pd.DataFrame({by: groups} if by else {}, index=range(len(groups)))
    return table.assign(
        n=n,
        first_order=first,
        later=expected,
        value=margin * (first + expected),
        low=margin * (first + expected - np.hypot(width, expected - low)),
        high=margin * (first + expected + np.hypot(width, high - expected)),
    )


def _later(purchases: Any, spend: Any, groups: tuple[Any, ...], money: dict[str, Any]) -> pd.DataFrame:
    """Expected discounted revenue of one new customer of each segment, with its interval, but without margin."""
    new = pd.DataFrame({"frequency": 0, "recency": 0.0, "T": 0.0, "monetary_value": np.nan}, index=range(len(groups)))
    if isinstance(purchases, SegmentModel):
        if purchases.by != spend.by:
            raise ConfigError(f"spend must be by {purchases.by!r} too; it is by {spend.by!r}.")
        answer: pd.DataFrame = purchases.lifetime_value(spend, new.assign(**{purchases.by: groups}), **money)
        return answer
    answer = lifetime_value(purchases, spend, new, **money)
    return answer


def _first_orders(customers: Customers, by: str | None, groups: tuple[Any, ...]) -> tuple[Array, Array, Array]:
    """Customers, mean revenue of the first event, and its standard error; of segments pooled."""
    sums = _sums(customers, by)
    n, mean = sums["n"].to_numpy(float), (sums["total"] / sums["n"]).to_numpy(float)
    around = float((sums["squares"] - sums["total"] ** 2 / sums["n"]).sum())
    within = max(around, 0.0) / max(n.sum() - len(n), 1.0)
    errors = within / n
    if by is None or not within > 0:
        return n.astype(int), mean, np.sqrt(errors)
    order = sums.set_index(by).index.get_indexer(pd.Index(groups))
    n, mean, errors = n[order], mean[order], errors[order]
    weights = 1 / errors
    centre = (weights * mean).sum() / weights.sum()
    q, c = (weights * (mean - centre) ** 2).sum(), weights.sum() - (weights**2).sum() / weights.sum()
    between = max(0.0, (q - (len(n) - 1)) / c)
    total = 1 / (errors + between)
    centre = (total * mean).sum() / total.sum()
    borrowed = errors / (errors + between)
    pooled = borrowed * centre + (1 - borrowed) * mean
    return n.astype(int), pooled, np.sqrt((1 - borrowed) * errors + borrowed**2 / total.sum())


def _sums(customers: Customers, by: str | None) -> pd.DataFrame:
    """Per segment: customers, revenue of the first events, and its squares; in the engine for a table of one."""
    x, m = customers["frequency"], customers["monetary_value"]
    if isinstance(customers, pd.DataFrame):
        first = customers["revenue"] - x * m.fillna(0.0)
        rows = pd.DataFrame({by or "all": 0 if by is None else customers[by], "first": first, "square": first**2})
        named = {"n": ("first", "size"), "total": ("first", "sum"), "squares": ("square", "sum")}
        return rows.groupby(by or "all").agg(**named).reset_index()
    repeats = ibis.ifelse(x > 0, x * m.cast("float64"), 0.0)
    table = customers.mutate(first_event=customers["revenue"] - repeats)
    value = table.first_event
    columns = {"n": table.count(), "total": value.sum(), "squares": (value**2).sum()}
    sums = table.agg(**columns) if by is None else table.group_by(by).agg(**columns)
    answer: pd.DataFrame = sums.to_pandas()
    return answer

"""Scores: how recent, how often, how much, from 1 to the number of groups, the highest best."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from retention_kit.arguments import refuse
from retention_kit.models.rfm.customer_tables import Customers, as_table, require, with_columns
from retention_kit.models.rfm.cuts import COLUMNS, CutPoints, Money, cut_points, measures, refuse_values

__all__ = ["score"]


def score(customers: Customers, *, groups: int = 5, cuts: CutPoints | None = None, money: Money = "sum") -> Customers:
    r"""Customers with their scores R, F and M.

    Parameters
    ----------
    customers : Ibis table or DataFrame
        Customer table with days_since_last (whole days), orders and revenue.
    groups : int
        Number of groups of equal size, where `cuts` are not given.
    cuts : CutPoints, optional
        Fixed or frozen cut points; they replace `groups` and `money`.
    money : {"sum", "mean"}
        Score money by all revenue of a customer, or by revenue per order.

    Returns
    -------
    Ibis table or DataFrame
        The same rows with R, F, M: whole numbers from 1 to the number of groups, the highest best. A missing value has
        a missing score. Equal values have equal scores, whatever the order of the rows.

    Raises
    ------
    DataError
        If columns are missing, or a number of orders is not a whole number from 0.

    Warns
    -----
    RetentionKitWarning
        If heavy ties leave fewer groups.

    Notes
    -----
    .. math:: F = 1 + \#\{k : v > c_k\}, \quad R = g - \#\{k : v > c_k\}

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({"customer_id": list("abcd"), "days_since_last": [5, 40, 90, 5]})
    >>> customers = customers.assign(orders=[9, 1, 1, 4], revenue=[300, 20, 80, 60])
    >>> cuts = CutPoints(recency=(30, 60), frequency=(1, 5), monetary=(50, 200))
    >>> score(customers, cuts=cuts)[["customer_id", "R", "F", "M"]]
      customer_id  R  F  M
    0           a  3  3  3
    1           b  2  1  1
    2           c  1  1  2
    3           d  3  2  2
    """
    refuse(groups=(groups, "size"))
    require(customers, COLUMNS, "summarise.customers makes them from orders.")
    if cuts is not None:
        refuse_values(as_table(customers, ["orders"]).select(frequency="orders"))
    chosen = cut_points(customers, groups, money) if cuts is None else cuts
    return with_columns(customers, COLUMNS, lambda table: _scores(table, chosen))


def _scores(table: ir.Table, cuts: CutPoints) -> dict[str, ir.Value]:
    value, groups = measures(table, cuts.money), cuts.groups
    return {
        "R": _score(value["recency"], cuts.recency, range(groups["R"], 0, -1)),
        "F": _score(value["frequency"], cuts.frequency, range(1, groups["F"] + 1)),
        "M": _score(value["monetary"], cuts.monetary, range(1, groups["M"] + 1)),
    }


def _score(value: ir.Value, cuts: tuple[float, ...], scores: Sequence[int]) -> ir.Value:
    """The score of the first cut point that is not passed, or the last score; missing where the value is."""
    branches = [(value <= cut, score) for cut, score in zip(cuts, scores, strict=False)]
    return ibis.cases((value.isnull(), ibis.null("int64")), *branches, else_=scores[-1]).cast("int64")

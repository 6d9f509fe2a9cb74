"""Scores from 1 to the number of groups, the highest best; and cut points, the values at which a score changes."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Literal

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from retention_kit.arguments import refuse
from retention_kit.errors import ConfigError, DataError, RetentionKitWarning, join_faults
from retention_kit.formats import counted
from retention_kit.models.rfm.customer_tables import Customers, as_table, require, with_columns
from retention_kit.models.spend.same_money import same_money_in_engine

Money = Literal["sum", "mean"]
COLUMNS = ("days_since_last", "orders", "revenue")
_TOO_LARGE = 9e18
"""Engines use 64-bit integers, which end at 9.2e18."""
_HINT = "summarise.customers makes them from orders."


@dataclass(frozen=True)
class CutPoints:
    """Cut points of the scores for recency, frequency and money: measured once, or chosen by the shop.

    A value above a cut point passes it. Every passed cut point adds one to F or M, and subtracts one from R, which
    counts days. Equal values therefore always have equal scores.

    Parameters
    ----------
    recency : tuple of float
        Days since the last order, ascending.
    frequency : tuple of float
        Numbers of orders, ascending.
    monetary : tuple of float
        Money, ascending.
    money : {"sum", "mean"}
        Whether money is all revenue of a customer or revenue per order.

    Raises
    ------
    ConfigError
        If a list is empty, not ascending or not finite.

    Examples
    --------
    >>> cuts = CutPoints(recency=(30, 90), frequency=(1, 3), monetary=(50, 200))
    >>> cuts.groups
    {'R': 3, 'F': 3, 'M': 3}
    >>> CutPoints.from_json(cuts.to_json()) == cuts
    True
    """

    recency: tuple[float, ...]
    frequency: tuple[float, ...]
    monetary: tuple[float, ...]
    money: Money = "sum"

    def __post_init__(self) -> None:
        faults = []
        for name in ("recency", "frequency", "monetary"):
            values = tuple(float(value) for value in getattr(self, name))
            object.__setattr__(self, name, values)
            if not values or not np.all(np.isfinite(values)) or any(a > b for a, b in pairwise(values)):
                faults.append(f"{name} needs cut points in ascending order; got {values}")
        if self.money not in ("sum", "mean"):
            faults.append(f"money is 'sum' or 'mean'; got {self.money!r}")
        if faults:
            raise ConfigError(join_faults(faults))

    @property
    def groups(self) -> dict[str, int]:
        """Number of groups of each score."""
        return {"R": len(self.recency) + 1, "F": len(self.frequency) + 1, "M": len(self.monetary) + 1}

    def to_json(self) -> str:
        """The cut points as JSON, to be stored with the month's report."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> CutPoints:
        """Cut points that were saved with `to_json`."""
        try:
            saved = json.loads(text)
            return cls(**saved)
        except (TypeError, ValueError) as error:
            raise ConfigError(
                f"Cut points need JSON with recency, frequency, monetary; got {text[:60]!r} ({error})."
            ) from error


def measures(table: ir.Table, money: Money) -> dict[str, ir.Value]:
    """The measures of recency, frequency and money; NaN counts as missing, and so does a mean of no orders. Money is
    compared after rounding, without the last bits that a sum or a division leaves."""
    revenue = table.revenue.cast("float64")
    amount = revenue / table.orders.nullif(0) if money == "mean" else revenue
    return {
        "recency": table.days_since_last,
        "frequency": table.orders,
        "monetary": same_money_in_engine(amount.isnan().ifelse(ibis.null("float64"), amount)),
    }


def cut_points(customers: Customers, groups: int = 5, money: Money = "sum") -> CutPoints:
    r"""Cut points that split the customers into groups of equal size, as far as equal values allow.

    Parameters
    ----------
    customers : Ibis table or DataFrame
        Customer table with days_since_last, orders and revenue.
    groups : int
        Number of groups, at least 2.
    money : {"sum", "mean"}
        Score money by all revenue of a customer, or by revenue per order.

    Returns
    -------
    CutPoints
        Values that occur in the data: store them (`to_json`), so that next month's moves show behaviour and not new cut
        points.

    Raises
    ------
    DataError
        If columns are missing or there are no customers.
    ConfigError
        If `groups` is less than 2.

    Warns
    -----
    RetentionKitWarning
        If heavy ties leave fewer groups.

    Notes
    -----
    .. math:: c_k = x_{(\lfloor (n - 1) \, k / g \rfloor)}, \quad k = 1, \ldots, g - 1

    with the n known values in ascending order, the first of them :math:`x_{(0)}`. They are found by counting, so that
    all engines give the same values.

    Examples
    --------
    >>> customers = pd.DataFrame({"days_since_last": [1, 2, 3, 4], "orders": [4, 3, 2, 1], "revenue": [9, 8, 2, 1]})
    >>> cut_points(customers, groups=2)
    CutPoints(recency=(2.0,), frequency=(2.0,), monetary=(2.0,), money='sum')
    """
    refuse(groups=(groups, "size"))
    if groups < 2:
        raise ConfigError(f"Scores need at least 2 groups; got {groups}.")
    require(customers, COLUMNS, _HINT)
    table = as_table(customers, COLUMNS)
    table = table.select(**measures(table, money))
    refuse_values(table)
    cuts_by_name = {name: _at_ranks(table, name, groups) for name in table.columns}
    for name, values in cuts_by_name.items():
        _warn_about_ties(name, values, groups)
    return CutPoints(**{name: values[:-1] for name, values in cuts_by_name.items()}, money=money)


def refuse_values(table: ir.Table) -> None:
    """Raise DataError if a measure is infinite or too large for an integer of the engine, or a number of orders is not
    a whole number."""
    wrong = {
        f"{name} is infinite or above {_TOO_LARGE:g}": (table[name].abs() >= _TOO_LARGE).sum()
        for name in table.columns
        if table[name].type().is_floating()
    }
    orders = table.frequency.cast("float64")
    wrong["orders must be a whole number from 0; it is not"] = ((orders < 0) | (orders != orders.floor())).sum()
    rows = table.agg(**{f"wrong_{i}": rows for i, rows in enumerate(wrong.values())}).to_pandas().fillna(0).iloc[0]
    faults = [f"{what} for {counted(n, 'customer')}" for what, n in zip(wrong, rows, strict=True) if n > 0]
    if faults:
        raise DataError(f"{join_faults(faults)}. Correct or drop them.")


def _at_ranks(table: ir.Table, name: str, groups: int) -> tuple[float, ...]:
    """The g − 1 cut points and the maximum: count values by their integer part first, then within those that the ranks
    need."""
    value = table[name]
    bins = _counts(table.select(value=value if value.type().is_integer() else value.floor().cast("float64")))
    if bins.empty:
        raise DataError("Cut points need at least one customer with a value; got none. Check as_of and the filters.")
    ranks = [(int(bins["n"].sum()) - 1) * k // groups for k in range(1, groups)] + [int(bins["n"].sum()) - 1]
    bins_of_ranks = np.searchsorted(bins["n"].cumsum().to_numpy(), ranks, side="right")
    chosen = bins["value"].to_numpy()[bins_of_ranks]
    if value.type().is_integer():
        return tuple(float(floor) for floor in chosen)
    inside = table.filter(value.floor().cast("float64").isin(np.unique(chosen).tolist()))
    detail = _counts(inside.select(value=value))
    before = (bins["n"].cumsum() - bins["n"]).to_numpy()[bins_of_ranks]
    return tuple(_nth(detail, floor, rank - skip) for floor, rank, skip in zip(chosen, ranks, before, strict=True))


def _counts(values: ir.Table) -> pd.DataFrame:
    """How often each known value occurs, in ascending order."""
    present = values.filter(values.value.notnull())
    counts: pd.DataFrame = present.group_by("value").agg(n=present.count()).to_pandas()
    return counts.sort_values("value", ignore_index=True)


def _nth(detail: pd.DataFrame, floor: float, rank: int) -> float:
    """The value at a rank among the values with this integer part."""
    inside = detail[np.floor(detail["value"]) == floor]
    return float(inside["value"].to_numpy()[np.searchsorted(inside["n"].cumsum().to_numpy(), rank, side="right")])


def _warn_about_ties(name: str, values: tuple[float, ...], groups: int) -> None:
    """Warn if a group is empty because its cut point equals the one before."""
    filled = [1] + [k + 1 for k in range(1, groups) if values[k] > values[k - 1]]
    if len(filled) < groups:
        scores = filled if name != "recency" else sorted(groups + 1 - k for k in filled)
        warnings.warn(
            f"Equal values of {name} leave {len(filled)} of {groups} groups (scores {', '.join(map(str, scores))}): "
            "customers with the same value are never split. Fewer groups or fixed cut points avoid the gaps.",
            RetentionKitWarning,
            stacklevel=4,
        )


def score(customers: Customers, *, groups: int = 5, cuts: CutPoints | None = None, money: Money = "sum") -> Customers:
    r"""Customers with their scores R, F and M.

    Parameters
    ----------
    customers : Ibis table or DataFrame
        Customer table with days_since_last (whole days), orders and revenue.
    groups : int
        Number of groups of equal size, if `cuts` are not given.
    cuts : CutPoints, optional
        Fixed cut points; they replace `groups` and `money`.
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

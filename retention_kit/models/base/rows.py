"""Distinct rows of a customer table, and predictions per row assigned back to the customers.

A model only sees how many customers share the same numbers, so its cost follows the number of distinct rows. A
DataFrame is grouped here; an Ibis table is grouped by its own engine and never becomes one row per customer in
Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt
import pandas as pd

from retention_kit.errors import DataError, FitError, join_faults
from retention_kit.formats import count
from retention_kit.load.sources.constant_columns import stated
from retention_kit.load.sources.engine import beside, where_tested
from retention_kit.models.base.columns import (
    Customers,
    Rule,
    numbers,
    only,
    refuse_columns,
    refuse_empty,
    row_faults,
    unit_faults,
    weight_faults,
)
from retention_kit.models.numerics.arrays import Array

_ABOUT_THE_TABLE = ("unit", "grain", "as_of")
"""Columns with one value for all customers, which describe the table."""
_MOST_CODES = 2**62
"""Rows are numbered by combining the codes of their columns, which must fit 64 bits."""

PURCHASES = ("frequency", "recency", "T")
"""Columns that most models of purchases read."""
PURCHASE_RULES: tuple[Rule, ...] = (
    ("frequency must be a whole number from 0", lambda c: (c["frequency"] < 0) | (c["frequency"] % 1 != 0)),
    ("recency must not be negative", lambda c: c["recency"] < 0),
    ("T must not be before recency", lambda c: c["T"] < c["recency"]),
    ("recency must be 0 where frequency is 0", lambda c: (c["frequency"] == 0) & (c["recency"] != 0)),
)


@dataclass(frozen=True)
class Rows:
    """Distinct rows in lexicographic order, and how many customers each stands for."""

    values: dict[str, Array]
    weights: Array
    inverse: npt.NDArray[np.intp] | None = field(default=None, repr=False)
    about: dict[str, str] = field(default_factory=dict)
    means: dict[str, Array] = field(default_factory=dict)
    """Of columns whose sum is all that a model needs of them: the mean over the customers of each row."""

    def __getitem__(self, column: str) -> Array:
        return self.values[column]

    def __len__(self) -> int:
        return len(self.weights)

    @cached_property
    def n(self) -> float:
        """Number of customers."""
        return float(self.weights.sum())

    @cached_property
    def _levels(self) -> dict[str, tuple[Array, Callable[[Array], Array]]]:
        distinct = {k: pd.factorize(v) for k, v in self.values.items()}
        return {k: (levels, partial(np.take, indices=at, axis=-1, mode="clip")) for k, (at, levels) in distinct.items()}

    def levels(self, column: str) -> tuple[Array, Callable[[Array], Array]]:
        """Distinct values of a column, and a function that assigns a value per level to the rows, so that expensive
        functions are computed once per level. (All positions exist; "clip" skips numpy's check, two thirds of the
        time.)"""
        return self._levels[column]

    @cached_property
    def moments(self) -> tuple[Array, npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """All values of recency and T in order, and the positions of each row's two values among them."""
        times = np.unique(np.concatenate([self.values["recency"], self.values["T"]]))
        return times, np.searchsorted(times, self.values["recency"]), np.searchsorted(times, self.values["T"])

    @cached_property
    def most_by_moment(self) -> Array:
        """Highest frequency among the rows whose recency is not after each of these times."""
        times, last, _ = self.moments
        most = np.zeros(len(times))
        np.maximum.at(most, last, self.values["frequency"])
        return np.maximum.accumulate(most)

    @cached_property
    def ranks(self) -> npt.NDArray[np.intp]:
        """Position of each row's frequency among the distinct ones in ascending order."""
        return np.unique(self.values["frequency"], return_inverse=True)[1]

    @cached_property
    def pairs(self) -> tuple[Rows, npt.NDArray[np.intp]]:
        """Distinct (frequency, T), as rows with these two columns, and the position of each row among them."""
        position, distinct = pd.factorize(self.values["frequency"] + 1j * self.values["T"])
        pairs = {"frequency": distinct.real.copy(), "T": distinct.imag.copy()}
        return Rows(pairs, np.ones(len(distinct))), position

    def mean(self, column: str) -> float:
        """Mean over customers."""
        return float(np.average(self.values[column], weights=self.weights))

    def take(self, chosen: Any) -> Rows:
        """Some of the rows."""
        values, means = ({k: v[chosen] for k, v in held.items()} for held in (self.values, self.means))
        return Rows(values, self.weights[chosen], None, self.about, means)


def newcomers(n: int) -> Rows:
    """One row for each of n customers who have just made their first purchase."""
    return Rows({k: np.zeros(n) for k in PURCHASES}, np.ones(n))


def read(
    customers: Customers,
    columns: Sequence[str] = PURCHASES,
    rules: Sequence[Rule] = PURCHASE_RULES,
    *,
    weights: str | None = None,
    unit: str | None = None,
    fit: bool = False,
    means: Sequence[str] = (),
) -> Rows:
    """Distinct rows of a customer table; all faults of the table are reported at once.

    `unit` is the model's, and a table without a unit is assumed to be in it. For a `fit` there is no model yet: the
    unit must be in the table or be given. Rows are not distinguished by the columns of `means`."""
    refuse_columns(customers, [*columns, *means], weights)
    customers = customers if isinstance(customers, pd.DataFrame) else where_tested(customers)
    read_rows = _from_frame if isinstance(customers, pd.DataFrame) else _from_engine
    rows = read_rows(customers, columns, weights, means)
    faults = [
        *unit_faults(rows.about, unit, fit),
        *row_faults({**rows.values, **rows.means}, rows.weights, [*columns, *means], rules),
        *weight_faults(rows.weights, weights),
    ]
    if faults:
        raise DataError(f"{join_faults(faults)}.")
    if fit and "T" in columns and not rows["T"][rows.weights > 0].max() > 0:
        who = "the only customer" if rows.n == 1 else f"all {count(rows.n)} customers"
        raise FitError(
            f"No time has passed: T is 0 for {who}, so nobody can have bought again. Fit when "
            "some time has gone by since the first purchases."
        )
    return rows if unit is None else replace(rows, about={**rows.about, "unit": unit})


def to_customers(customers: Customers, rows: Rows, values: Array, name: str) -> Any:
    """Assign a value per distinct row to every customer: a Series, or the Ibis table with a further column."""
    placed = all_to_customers(customers, rows, {name: values})
    return placed[name] if isinstance(customers, pd.DataFrame) else placed


def all_to_customers(customers: Customers, rows: Rows, values: dict[str, Array]) -> Any:
    """Assign several values per distinct row to every customer: a DataFrame, or the Ibis table with further columns."""
    if isinstance(customers, pd.DataFrame):
        assert rows.inverse is not None
        return pd.DataFrame({k: v[rows.inverse] for k, v in values.items()}, index=customers.index)
    keys = dict(zip(unused([*customers.columns, *values], len(rows.values)), rows.values, strict=True))
    customers = where_tested(customers)
    answers = beside(customers, pd.DataFrame({**{key: rows[k] for key, k in keys.items()}, **values}))
    base = customers.drop(*(k for k in values if k in customers.columns))
    same = [base[k].cast("float64") == answers[key] for key, k in keys.items()]
    return base.left_join(answers, same).drop(*keys)


def unused(taken: Iterable[str], n: int) -> list[str]:
    """n names that differ from all of these, also when case is ignored: a user's columns may have any names."""
    names, stem = {str(name).lower() for name in taken}, "_"
    while any(name.startswith(stem) for name in names):
        stem += "_"
    return [f"{stem}{i}" for i in range(n)]


def _from_frame(frame: pd.DataFrame, columns: Sequence[str], weights: str | None, means: Sequence[str]) -> Rows:
    arrays = {c: numbers(frame[c]) for c in (*columns, *means)}
    refuse_empty({c: int(np.isnan(v).sum()) for c, v in arrays.items()}, len(frame))
    code, codes = np.zeros(len(frame), dtype=np.int64), 1
    for column in columns:
        position, levels = pd.factorize(arrays[column], sort=True)
        if codes * len(levels) > _MOST_CODES:
            code, distinct = pd.factorize(code, sort=True)
            codes = len(distinct)
        code, codes = code * len(levels) + position, codes * len(levels)
    _, first, inverse = _distinct(code)
    weight = np.ones(len(frame)) if weights is None else numbers(frame[weights])
    count = np.bincount(inverse, weight, len(first))
    sums = {c: np.bincount(inverse, weight * arrays[c], len(first)) for c in means}
    seen = {c: list(frame[c].unique()) for c in _ABOUT_THE_TABLE if c in frame.columns}
    averages = {c: _mean(total, count, arrays[c][first]) for c, total in sums.items()}
    return Rows({c: arrays[c][first] for c in columns}, count, inverse, _about(seen), averages)


def _distinct(code: npt.NDArray[np.int64]) -> tuple[Any, npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Sorted distinct codes, the first row of each, each row's position; hashing first keeps the sort short."""
    position, distinct = pd.factorize(code)
    order = np.argsort(distinct)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    first = np.empty(len(distinct), dtype=np.intp)
    first[position[::-1]] = np.arange(len(code) - 1, -1, -1)
    return distinct[order], first[order], rank[position]


def _mean(total: Array, count: Array, default: Array) -> Array:
    """total / count; the default where nobody is counted."""
    mean: Array = np.where(count > 0, total / np.where(count > 0, count, 1), default)
    return mean


def _from_engine(table: ibis.Table, columns: Sequence[str], weights: str | None, means: Sequence[str]) -> Rows:
    count = table.count() if weights is None else table[weights].sum()
    averaged: dict[str, Any] = {}
    for i, c in enumerate(means):
        value = table[c].cast("float64")
        missing = value.isnull() | value.isnan()
        averaged[f"sum_{i}"] = (value if weights is None else value * table[weights].cast("float64")).sum()
        averaged |= {f"least_{i}": value.min(), f"empty_{i}": missing.sum()}
    keys = {f"key_{i}": table[c].cast("float64") for i, c in enumerate(columns)}  # the user's names could equal ours
    distinct = table.group_by(**keys).agg(_weight=count, **averaged).order_by(list(keys)).to_pandas()
    values = {c: numbers(distinct[key]) for c, key in zip(columns, keys, strict=True)}
    weight = numbers(distinct["_weight"])
    empty = {c: int(weight[np.isnan(v)].sum()) for c, v in values.items()}
    refuse_empty({**empty, **{c: int(distinct[f"empty_{i}"].sum()) for i, c in enumerate(means)}}, len(distinct))
    averages = {
        c: _mean(numbers(distinct[f"sum_{i}"]), weight, numbers(distinct[f"least_{i}"])) for i, c in enumerate(means)
    }
    return Rows(values, weight, None, _about(stated(table, _ABOUT_THE_TABLE)), averages)


def _about(seen: dict[str, list[Any]]) -> dict[str, str]:
    """The values that describe the table, from the distinct values of its columns; empty columns are left out."""
    return {c: value for c, values in seen.items() if (value := only(c, values)) is not None}

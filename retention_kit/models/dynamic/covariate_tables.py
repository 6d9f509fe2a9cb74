"""Tables of covariates by customer and period, or by period alone, as one array."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pandas as pd

from retention_kit.errors import DataError, join_faults
from retention_kit.formats import counted
from retention_kit.models.base.columns import holds, numbers
from retention_kit.models.dynamic.period_calendar import PeriodCalendar
from retention_kit.models.numerics.arrays import Array

CovariateTable: TypeAlias = pd.DataFrame | ir.Table

_KEYS = ("customer_id", "period")
_WORTH = 0.9
"""Where more of the customers than this have covariates of their own, to group them gains nothing."""
_BLOCK = 5_000
"""Customers that are compared at a time."""


@dataclass(frozen=True)
class Covariates:
    """Covariates by group of customers and period, and the group of each customer; NaN where nothing is known."""

    names: tuple[str, ...]
    values: Array
    calendar: PeriodCalendar
    group: npt.NDArray[np.intp]


def read_covariates(tables: CovariateTable | Sequence[CovariateTable], customers: pd.Index[Any]) -> Covariates:
    """The covariates of these customers; a table without customer_id holds for all of them."""
    frames = [_frame(t) for t in (tables if isinstance(tables, list | tuple) else [tables])]
    names = [c for frame in frames for c in frame.columns if c not in _KEYS]
    faults = [
        f"{name} stands in several columns or tables" for name in sorted({n for n in names if names.count(n) > 1})
    ]
    if not names:
        faults.append("the covariates have no column beside customer_id and period")
    if faults:
        raise DataError(f"{join_faults(faults)}.")
    calendars, positions = zip(*(PeriodCalendar.read(frame["period"]) for frame in frames), strict=True)
    calendar = calendars[0]
    for other in calendars[1:]:
        if other != calendar:
            raise DataError(f"The tables of covariates have different periods: {calendar} and {other}; use the same.")
    single = not any("customer_id" in frame for frame in frames)
    groups = 1 if single else len(customers)
    values, line = np.full((len(names), groups, len(calendar)), np.nan), 0
    for frame, period in zip(frames, positions, strict=True):
        columns = [c for c in frame.columns if c not in _KEYS]
        _fill(values[line : line + len(columns)], frame, columns, period, customers)
        line += len(columns)
    if single:
        return Covariates(tuple(names), values, calendar, np.zeros(len(customers), dtype=np.intp))
    values, group = _alike(values)
    return Covariates(tuple(names), values, calendar, group)


def _frame(table: CovariateTable) -> pd.DataFrame:
    """A table in pandas, after a look at its columns."""
    if not isinstance(table, pd.DataFrame | ir.Table):
        raise DataError(
            "covariates must be a DataFrame or an Ibis table with period, customer_id (unless they hold for everybody) "
            f"and a column per covariate, or a list of such tables; got {type(table).__name__}."
        )
    names = list(table.columns)
    faults = [f"the column {c} appears twice" for c in sorted({str(c) for c in names if names.count(c) > 1})]
    if "period" not in names:
        faults.append(
            f"the column period, with the first day of each period, is missing; found {', '.join(map(str, names))}"
        )
    wrong = (
        []
        if faults
        else [c for c in names if c not in _KEYS and holds(table, c) in ("text", "moment", "duration", "complex")]
    )
    faults += [
        f"covariate {c} holds no numbers; names of kinds become columns of 0 and 1 with pd.get_dummies(..., "
        "drop_first=True)"
        for c in wrong
    ]
    if faults:
        raise DataError(f"Covariates: {join_faults(faults)}.")
    frame = table if isinstance(table, pd.DataFrame) else table.to_pandas()
    if not len(frame):
        raise DataError("The table of covariates has no rows.")
    return frame


def _fill(
    values: Array, frame: pd.DataFrame, columns: Sequence[str], period: npt.NDArray[np.intp], customers: pd.Index[Any]
) -> None:
    """Write the table's covariates where they belong; rows of customers who have not bought are left out."""
    groups, periods = values.shape[1:]
    if "customer_id" in frame:
        code = _positions(frame["customer_id"], customers)
        known = code >= 0
        if not known.any():
            raise DataError(
                f"No customer_id of the covariates (such as {frame['customer_id'].iloc[0]!r}) is among those of the "
                f"orders (such as {customers[0]!r})."
            )
        cell = code * periods + period
        cell = cell if known.all() else cell[known]
    else:
        known, cell = np.ones(len(frame), dtype=bool), period
    seen = np.zeros(groups * periods, dtype=bool)
    seen[cell] = True
    if twice := len(cell) - int(seen.sum()):
        who = "customer and period" if "customer_id" in frame else "period"
        raise DataError(
            f"The covariates have more than one row for a {who}, {counted(twice, 'row')} too many; keep one."
        )
    del seen
    all_known = bool(known.all())
    for line, c in zip(values, columns, strict=True):
        column = numbers(frame[c])
        if np.isinf(column).any():
            raise DataError(f"Covariate {c} is endless in {counted(int(np.isinf(column).sum()), 'row')}.")
        if "customer_id" in frame:
            line.reshape(-1)[cell] = column if all_known else column[known]
        else:
            alone = np.full(periods, np.nan)
            alone[cell] = column
            line[:] = alone


def _positions(ids: pd.Series[Any], customers: pd.Index[Any]) -> npt.NDArray[np.intp]:
    """Which customer each row is of; -1 for those without an order."""
    code, distinct = pd.factorize(ids)
    distinct = pd.Index(distinct)
    if pd.api.types.is_float_dtype(distinct) and (distinct % 1 == 0).all():
        distinct = distinct.astype("int64")
    if not pd.api.types.is_numeric_dtype(customers):
        distinct = distinct.astype(str).str.strip()
    positions = customers.get_indexer(distinct)
    return np.where(code < 0, -1, positions[code])


def _alike(values: Array) -> tuple[Array, npt.NDArray[np.intp]]:
    """Customers with the same covariates in all periods as one group, found by a hash and then compared."""
    lines, customers, periods = values.shape
    factors = np.random.default_rng(1).integers(1, 2**63, (lines, periods), dtype=np.uint64) | np.uint64(1)
    code = np.zeros(customers, dtype=np.uint64)
    for line, factor in zip(values, factors, strict=True):
        hashed = pd.util.hash_array(np.ascontiguousarray(line).reshape(-1)).reshape(line.shape)
        hashed *= factor
        code += hashed.sum(axis=1, dtype=np.uint64)
    group, distinct = pd.factorize(code)
    every = np.arange(customers)
    if len(distinct) > _WORTH * customers:
        return values, every
    head = np.empty(len(distinct), dtype=np.intp)
    head[group[::-1]] = every[::-1]
    few = values[:, head]
    blocks = (slice(i, i + _BLOCK) for i in range(0, customers, _BLOCK))
    same = all(np.array_equal(values[:, some], few[:, group[some]], equal_nan=True) for some in blocks)
    return (few, group) if same else (values, every)

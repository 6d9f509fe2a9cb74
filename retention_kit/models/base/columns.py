"""Checks of a customer table before a model reads it: columns, types, values, weights and a unit of time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import ibis
import numpy as np
import numpy.typing as npt
import pandas as pd

from retention_kit.errors import DataError, join_faults
from retention_kit.formats import counted
from retention_kit.models.numerics.arrays import Array
from retention_kit.schema import UNIT_DAYS

Customers: TypeAlias = pd.DataFrame | ibis.Table
Rule: TypeAlias = tuple[str, Callable[[dict[str, Array]], npt.NDArray[np.bool_]]]

_TIMES = ("recency", "T")
_NUMBERS = ("frequency", *_TIMES, "monetary_value", "periods", "log_gaps")
"""Columns that must be numbers; a covariate may also be true or false, or a number written as text."""


def refuse_columns(customers: Customers, columns: Sequence[str], weights: str | None) -> None:
    """Refuse anything but a table with these columns, in which the columns are numbers."""
    if not isinstance(customers, pd.DataFrame | ibis.Table):
        raise DataError(f"customers must be a pandas DataFrame or an Ibis table; got {type(customers).__name__}.")
    needed_columns = [*columns, *([] if weights is None else [weights])]
    names = list(customers.columns)
    if missing := [c for c in needed_columns if c not in names]:
        raise DataError(
            f"The model needs the columns {', '.join(needed_columns)}; missing: {', '.join(missing)}. "
            f"Found: {', '.join(map(str, names))}."
        )
    if double := sorted({c for c in needed_columns if names.count(c) > 1}):
        raise DataError(f"The table has several columns called {', '.join(double)}; keep one of each.")
    kinds = {c: holds(customers, c) for c in needed_columns}
    faults = [f"{c} {_wrong(c, kind)}" for c, kind in kinds.items() if kind in _WRONG and _refused(c, kind)]
    if faults:
        raise DataError(f"{join_faults(faults)}.")


_WRONG = {
    "duration": "is a duration; write it as a number of the model's unit, for weeks {c}.dt.total_seconds() / 604800",
    "moment": "is a date; write the time since the first purchase as a number of the model's unit",
    "text": "holds text; convert it with pd.to_numeric",
    "truth": "holds true and false; a number is needed",
    "complex": "holds complex numbers; real ones are needed",
}


_OF_A_COVARIATE = {
    "duration": "is a duration; write it as a number, for days {c}.dt.total_seconds() / 86400",
    "moment": "is a date; write it as a number, such as its year, or the days since a day of your choice",
}


def _wrong(column: str, kind: str) -> str:
    """The fault of a column of this kind, and its repair."""
    texts = _WRONG if column in _NUMBERS else {**_WRONG, **_OF_A_COVARIATE}
    return texts[kind].format(c=column)


def _refused(column: str, kind: str) -> bool:
    return kind in ("duration", "moment", "complex") or column in _NUMBERS


def holds(customers: Customers, column: str) -> str:
    """The kind of a column's values: duration, moment, text, truth, complex, or number."""
    if not isinstance(customers, pd.DataFrame):
        dtype = customers[column].type()
        tests = {"duration": dtype.is_interval(), "moment": dtype.is_temporal(), "text": dtype.is_string()}
        return next((kind for kind, holds in {**tests, "truth": dtype.is_boolean()}.items() if holds), "number")
    series = customers[column]
    kinds = {"m": "duration", "M": "moment", "b": "truth", "c": "complex"}
    if series.dtype == object or isinstance(series.dtype, pd.StringDtype):
        inferred = pd.api.types.infer_dtype(series, skipna=True)
        names = {"timedelta": "duration", "datetime": "moment", "date": "moment", "string": "text", "boolean": "truth"}
        return {**names, "datetime64": "moment", "timedelta64": "duration"}.get(inferred, "number")
    return kinds.get(getattr(series.dtype, "kind", "O"), "number")


def numbers(column: pd.Series[Any]) -> Array:
    """A column as floats."""
    try:
        return np.asarray(column, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError(
            f"Column {column.name} must hold numbers; found {column.dtype}. Convert it first; names of kinds become "
            "columns of 0 and 1 with pd.get_dummies(..., drop_first=True)."
        ) from None


def only(column: str, values: Sequence[Any]) -> str | None:
    """The single value of a column that describes the table; None if it is empty for every customer."""
    stated = [value for value in values if not pd.isna(value) and value != ""]
    if not stated:
        return None
    if len(stated) < len(values):
        raise DataError(f"Some customers have no {column} and others have {stated[0]}; fill it in for all of them.")
    if len(stated) == 1:
        return str(stated[0])
    raise DataError(
        f"The customers have more than one {column}: {', '.join(map(str, values[:5]))}. Split the table first."
    )


class NoCustomersError(DataError):
    """A customer table without rows, for which a model may have a better word."""


def refuse_empty(empty: dict[str, int], n: int) -> None:
    """Refuse a table without rows, or with gaps."""
    if n == 0:
        raise NoCustomersError("The customer table has no rows; the model needs at least one customer.")
    faults = [f"{c} is empty for {counted(k, 'customer')}" for c, k in empty.items() if k]
    if faults:
        raise DataError(f"{join_faults(faults)}. Fill or drop them before the model.")


def unit_faults(facts: dict[str, str], unit: str | None, fit: bool) -> list[str]:
    """Faults of the unit of time: unknown, not the model's, or not stated for a fit."""
    stated = facts.get("unit")
    if unknown := [u for u in (stated, unit) if u not in (None, "", *UNIT_DAYS)]:
        return [f"unit {unknown[0]!r} is not known; use one of {', '.join(UNIT_DAYS)}"]
    if unit and stated not in (None, unit):
        reason = f"unit={unit!r} is given" if fit else f"The model counts time in {unit}s"
        return [f"{reason}, the customers come in {stated}s; summarise them with unit={unit!r}"]
    if fit and unit is None and stated is None:
        return [
            "the table does not say which unit of time recency and T count; give it, as in fit(customers, "
            "unit='week') or 'day', 'month', 'year' (a table of lifetimes counts days unless its freq says otherwise: "
            "unit='day'; one of summarise.customers carries its unit)"
        ]
    return []


def row_faults(values: dict[str, Array], weights: Array, columns: Sequence[str], rules: Sequence[Rule]) -> list[str]:
    """Values that break a rule, each rule with the number of customers and the first of them."""
    faults = []
    finite = [(f"{c} must be finite", lambda v, c=c: ~np.isfinite(v[c])) for c in columns]
    for text, wrong in [*finite, *rules]:
        bad = wrong(values)
        if bad.any():
            first = {c: float(values[c][bad][0]) for c in columns}
            faults.append(f"{text} (wrong for {counted(weights[bad].sum(), 'customer')}, first {first})")
    return faults


def weight_faults(weights: Array, column: str | None) -> list[str]:
    """Faults of weights, which are sums over equal rows."""
    bad = ~(np.isfinite(weights) & (weights >= 0))
    if not bad.any() and weights.sum() > 0:
        return []
    rows = counted(bad.sum(), "distinct row has", "distinct rows have")
    what = f"{rows} {weights[bad][:1]}" if bad.any() else "all are 0"
    return [f"Weights ({column}) must be finite, 0 or more, and not all 0; {what}"]

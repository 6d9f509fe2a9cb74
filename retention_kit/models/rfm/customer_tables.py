"""Customer tables: an Ibis table stays in its engine, a DataFrame is loaded into one and converted back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from retention_kit.arguments import described
from retention_kit.errors import DataError, join_faults
from retention_kit.load.sources.engine import where_tested
from retention_kit.models.base.columns import holds

Customers: TypeAlias = "ir.Table | pd.DataFrame"
"""The customer table; for a DataFrame the result is a DataFrame too."""

_ROW = "_row"


_MEASURES = ("days_since_last", "orders", "revenue")
"""Columns that must be numbers."""


def require(customers: Customers, columns: Sequence[str], hint: str) -> None:
    """Raise DataError unless it is a table with these columns and measures are numbers; `hint` names the functions that
    make them."""
    if not isinstance(customers, pd.DataFrame | ir.Table):
        raise DataError(f"The customers must be a DataFrame or an Ibis table; got {described(customers)}. {hint}")
    missing = [name for name in columns if name not in customers.columns]
    if missing:
        raise DataError(
            f"Needed the columns {', '.join(columns)}; missing: {', '.join(missing)}. "
            f"Found: {', '.join(map(str, customers.columns))}. {hint}"
        )
    held = {name: holds(customers, name) for name in columns}
    if spans := [name for name, kind in held.items() if kind == "duration"]:
        raise DataError(f"{', '.join(spans)} must be numbers, not durations; write days: .dt.days.")
    measures = [name for name in columns if name in _MEASURES]
    types = as_table(customers, measures).schema().items() if measures else ()
    wrong = [f"{name} holds {kind}" for name, kind in types if not (kind.is_numeric() or kind.is_null())]
    if wrong:
        raise DataError(f"Measures must be numbers (days_since_last counts whole days): {join_faults(wrong)}. {hint}")


def as_table(customers: Customers, columns: Sequence[str]) -> ir.Table:
    """These columns as an Ibis table, in the engine of the customers."""
    if isinstance(customers, pd.DataFrame):
        return ibis.memtable(pd.DataFrame(customers)[list(columns)])
    return where_tested(customers).select(*columns)


def with_columns(
    customers: Customers, reads: Sequence[str], compute: Callable[[ir.Table], dict[str, ir.Value]]
) -> Customers:
    """The customers with computed columns added; a DataFrame keeps its index, order and class."""
    if not isinstance(customers, pd.DataFrame):
        customers = where_tested(customers)
        return customers.mutate(**compute(customers))
    numbered = pd.DataFrame(customers)[list(reads)].assign(**{_ROW: np.arange(len(customers))})
    table = ibis.memtable(numbered)
    columns = compute(table)
    result = table.select(_ROW, **columns).order_by(_ROW).to_pandas().set_axis(customers.index)
    return customers.assign(**{name: result[name] for name in columns})

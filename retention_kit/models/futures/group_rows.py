"""How many customers of each distinct row each group has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pandas as pd
from scipy import sparse

from retention_kit.errors import DataError
from retention_kit.load.sources.constant_columns import constant
from retention_kit.models.base.columns import Customers, Rule
from retention_kit.models.base.rows import Rows, read, unused
from retention_kit.models.numerics.arrays import Array


@dataclass(frozen=True)
class Groups:
    """Groups, their sizes, and the sparse matrix groups × rows of counts."""

    labels: pd.DataFrame
    rows: Rows
    counts: sparse.csr_matrix

    @property
    def n(self) -> Array:
        """Customers per group."""
        return np.asarray(self.counts.sum(axis=1)).ravel()


def group(
    customers: Customers, columns: Sequence[str], rules: Sequence[Rule], by: Sequence[str], unit: str | None
) -> Groups:
    """Group a customer table; an Ibis table is counted by its engine."""
    missing = [c for c in by if c not in customers.columns]
    if missing:
        raise DataError(
            f"Cannot group by {', '.join(missing)}: the table has {', '.join(map(str, customers.columns))}."
        )
    if isinstance(customers, pd.DataFrame):
        rows, table, weight = read(customers, columns, rules, unit=unit), customers, np.ones(len(customers))
    else:
        rows, table, weight = _counted(customers, columns, rules, by, unit)
    assert rows.inverse is not None
    code, labels = _codes(table, by)
    counts = sparse.csr_matrix((weight, (code, rows.inverse)), shape=(len(labels), len(rows)))
    counts.sum_duplicates()
    return Groups(labels, rows, counts)


def _counted(
    table: ibis.Table, columns: Sequence[str], rules: Sequence[Rule], by: Sequence[str], unit: str | None
) -> tuple[Rows, pd.DataFrame, Array]:
    fixed = None if "unit" in by or "unit" not in table.columns else constant(table, "unit")
    described = ("unit",) if fixed is None else ()
    keys = [*by, *(c for c in (*columns, *described) if c in table.columns and c not in by)]
    [n] = unused(table.columns, 1)
    counted = table.group_by(keys).agg(**{n: table.count()}).order_by(keys).to_pandas()
    counted = counted if fixed is None else counted.assign(unit=fixed)
    return read(counted, columns, rules, weights=n, unit=unit), counted, counted[n].to_numpy(dtype=float)


def _codes(table: pd.DataFrame, by: Sequence[str]) -> tuple[Array, pd.DataFrame]:
    if not by:
        return np.zeros(len(table), dtype=int), pd.DataFrame(index=range(1))
    grouped = table.groupby(list(by), dropna=False, sort=True, observed=True)
    sizes: Any = grouped.size()
    return grouped.ngroup().to_numpy(), sizes.reset_index()[list(by)]

"""What is known of customers from the start, brought to a table that only knows their ids."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_kit.errors import ConfigError, DataError, join_faults
from retention_kit.formats import counted
from retention_kit.models.base.columns import Customers, refuse_columns


def with_covariates(table: ir.Table, covariates: Customers | None, columns: Sequence[str]) -> ir.Table:
    """The table with these columns as numbers, by customer_id; empty for customers who are not in `covariates`."""
    if not columns:
        return table
    if covariates is None:
        raise ConfigError(
            f"A model with covariates needs them for every customer: pass covariates=, a table with customer_id and "
            f"{', '.join(columns)}."
        )
    if taken := [name for name in columns if name in table.columns]:
        raise ConfigError(f"A covariate cannot be called {', '.join(taken)} here; rename the column.")
    refuse_columns(covariates, ["customer_id", *columns], None)
    known = ibis.memtable(covariates[["customer_id", *columns]]) if isinstance(covariates, pd.DataFrame) else covariates
    _refuse_doubles(known)
    values = {name: known[name].cast("float64") for name in columns}
    known = known.select(customer_id=known["customer_id"].cast("string"), **values)
    return table.left_join(known, table["customer_id"].cast("string") == known["customer_id"]).drop("customer_id_right")


def _refuse_doubles(known: ir.Table) -> None:
    sizes = known.group_by("customer_id").agg(rows=known.count())
    empty, double = (sizes.customer_id.isnull().sum(), (sizes["rows"] > 1).sum())
    counts = sizes.agg(empty=empty.coalesce(0), double=double.coalesce(0)).to_pandas().iloc[0]
    faults = [f"{counted(int(counts['double']), 'customer')} with several rows"] if counts["double"] else []
    faults += ["rows without a customer_id"] if counts["empty"] else []
    if faults:
        raise DataError(f"covariates must have one row per customer; there are {join_faults(faults)}.")

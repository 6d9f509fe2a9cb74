"""The group a customer belongs to: the value in the first row."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from retention_kit.errors import ConfigError, DataError

NO_VALUE = "(none)"
"""The group of customers whose first row has no value."""


def first_rows(rows: ir.Table, columns: list[str], moment: str) -> ir.Table:
    """One row per customer: the value of each column, as text, in the customer's first row, or "(none)".

    If a customer has several first rows at one moment, the alphabetically first value counts, so that the answer does
    not depend on the engine.
    """
    if set(columns) & {"customer_id", "subscription_id", moment}:
        raise ConfigError(f"by is a column that describes customers, such as country; got {columns[0]!r}")
    missing = [name for name in columns if name not in rows.columns]
    if missing:
        raise DataError(f"there is no column {', '.join(missing)}; found {', '.join(rows.columns)}")
    texts = {name: rows[name].cast("string").fill_null(NO_VALUE) for name in columns}
    dated = rows.select("customer_id", dated_at=rows[moment], **texts)
    first = dated.dated_at.min().over(ibis.window(group_by="customer_id"))
    dated = dated.mutate(is_first=dated.dated_at == first).filter(lambda t: t.is_first)
    return dated.group_by("customer_id").agg(**{name: dated[name].min() for name in columns})

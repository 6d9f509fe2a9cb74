"""Whether the tables of a report are about the same customers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import ibis

from retention_kit.load import Note
from retention_kit.summarise.common.matching_ids import FEW, few_meet

_MEETING: Final = {
    "surveys": ("customer_id", "customers who answered", FEW),
    "subscriptions": ("customer_id", "subscribers", 0.1),
}
"""For each table the column that it shares with the orders, the people it names, and the share of known ids above which
nothing is reported; it is low for subscribers, who need not have ordered anything else."""


def with_meeting(name: str, datasets: Mapping[str, Any], *, shown: bool) -> Any:
    """Add a warning to a table's source if few of its ids occur in the orders; no id is shown where pages hide them."""
    dataset = datasets[name]
    if name not in _MEETING or "orders" not in datasets:
        return dataset
    column, whose, least = _MEETING[name]
    orders = datasets["orders"].table
    if column not in dataset.table.columns or column not in orders.columns:
        return dataset
    tables = [table.select(column).distinct().to_pyarrow() for table in (dataset.table, orders)]
    rows, others = (ibis.memtable(table) for table in tables)
    text = few_meet(rows, others, column, whose=whose, where="the orders", least=least, examples=shown)
    if text is None:
        return dataset
    notes = (*dataset.source.warnings, Note("ids_hardly_meet", 0, text.removesuffix(".")))
    return dataset.with_source(replace(dataset.source, warnings=notes))

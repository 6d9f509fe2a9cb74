"""The rules of a preset: rows that do not count, each with the name of its rule."""

from __future__ import annotations

from dataclasses import replace

import ibis
import ibis.expr.types as ir

from retention_kit import schema
from retention_kit.load.columns.typed_columns import Converted
from retention_kit.load.presets.choosing import Preset, Rule, pick
from retention_kit.load.presets.conditions import Gaps, condition
from retention_kit.load.presets.preset_columns import MONTHS
from retention_kit.load.sources.raw_table import FILE, ROW
from retention_kit.load.values.reader import Fault, trimmed, written

_FURTHER = "__further"
"""Column that is true for the rows of an order beyond its first, where the rows of an order are added up."""


def rules_of(t: ir.Table, preset: Preset, gaps: Gaps) -> tuple[Rule, ...]:
    """The rules that refuse rows, each with its condition in the engine."""
    rules = []
    for rule, other_than in (*((r, False) for r in preset.drop), *((r, True) for r in preset.keep)):
        when = condition(t, rule, gaps, other_than=other_than)
        if when is not None:
            headers = [rule["empty"]] if "empty" in rule else [rule["header"]]
            picked = next(p for h in headers for c in h if (p := pick([c], gaps.available)) is not None)
            rules.append({**rule, "header": picked.headers[0], "when": when})
    return tuple(rules)


def faults_of(rules: tuple[Rule, ...], once_per: str | None, converted: Converted) -> list[Fault]:
    """The rules of the preset over the converted table."""
    faults = [
        Fault(rule["rule"], rule["header"], converted.table[f"__rule_{i}"], rule["reason"])
        for i, rule in enumerate(rules)
    ]
    if _FURTHER in converted.table.columns:
        further = converted.table[_FURTHER]
        faults.append(Fault("line_item", "order_id", further, "a further row of the order {value}, added to its first"))
    if once_per is not None and once_per in converted.readers:
        faults = [*_repeated(once_per, converted, faults), *faults]
    if "_interval" in converted.readers:
        value = converted.values()["_interval"]
        unknown = value.notnull() & ~value.lower().isin(list(MONTHS))
        reason = f"{{header}} must be one of {', '.join(MONTHS)}, came {{value}}"
        faults.append(Fault("unknown_interval", "_interval", unknown, reason))
    if "_count" in converted.readers:
        none = converted.values()["_count"] < 1
        faults.append(Fault("no_interval", "_count", none, "{header} must be 1 or more, came {value}"))
    return faults


def summed(
    headers: tuple[str, ...], rules: tuple[Rule, ...], converted: Converted, columns: tuple[str, ...]
) -> Converted:
    """The amounts of all rows of an order on its first row, for the headers that the rows of an order share.

    The first row is the first that no rule of the preset refuses, that has an amount and, if any has one, a customer.
    Rows without an order are kept as they are; rows without a readable amount are left to the rules of the table, and
    so are rows that are in an earlier file too, equal in all columns: two exports may overlap.
    """
    t, values = converted.table, converted.values()
    refused = ibis.or_(ibis.literal(False), *(t[f"__rule_{i}"] for i in range(len(rules))))
    together = (trimmed(written(t[headers[0]])) != "") & values["amount"].notnull() & ~refused
    if FILE in t.columns:
        together &= t[FILE] == t[FILE].min().over(group_by=[t[c] for c in columns])
    t = t.mutate(__together=together)
    values, together = replace(converted, table=t).values(), t["__together"]
    keys = [written(t[header]) for header in headers]
    lacking = (values[name].isnull().ifelse(1, 0) for name in ("amount", "customer_id"))
    order = [together.ifelse(0, 1), *lacking, *(t[c] for c in (FILE, ROW) if c in t.columns)]
    amount = ibis.ifelse(together, values["amount"], ibis.literal(0).cast(schema.MONEY))
    total = ibis.ifelse(together, amount.sum().over(group_by=keys).cast(schema.MONEY), values["amount"])
    further = together & (ibis.row_number().over(group_by=keys, order_by=order) > 0)
    own = {"__amount__value": total, "__amount__gross": total, "__amount__read": values["amount"]}
    t = t.mutate(**own, **{_FURTHER: further}).drop("__together")
    return replace(converted, table=t)


def _repeated(key: str, converted: Converted, faults: list[Fault]) -> list[Fault]:
    """Rows of an order beyond the first: the total of the order is on each of them, or only on the first.

    The row that counts is the first of those that no rule refuses and that have a total.
    """
    t, values = converted.table, converted.values()
    refused = ibis.or_(*(fault.when for fault in faults)) if faults else ibis.literal(False)
    position = [t[c] for c in (FILE, ROW) if c in t.columns]
    order = [refused.ifelse(1, 0), values["amount"].isnull().ifelse(1, 0), *position]
    again = ibis.row_number().over(group_by=values[key], order_by=order) > 0
    again = values[key].notnull() & again
    first = values["amount"].first().over(ibis.window(group_by=values[key], order_by=order))
    other = again & (values["amount"] != first).fill_null(False)
    return [
        Fault("other_total", "amount", other, "{header} {value} is not the total of this order that counts"),
        Fault("repeated_order", key, again, "a further row of the order {value}; its total counts once"),
    ]

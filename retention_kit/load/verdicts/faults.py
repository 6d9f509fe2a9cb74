"""The named rules by which a row is refused. The first rule that hits names the row's fault."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import ibis
import ibis.expr.types as ir

from retention_kit import schema
from retention_kit.load.columns.typed_columns import Converted
from retention_kit.load.sources.raw_table import FILE, PART, ROW
from retention_kit.load.values.reader import Fault

KINDS = {"nps": (0, 10), "csat": (1, 10), "ces": (1, 7)}
"""Kinds of survey answers and the range of their scores."""

# required columns in which an empty cell has a meaning: not answered, not ended
_MAY_BE_EMPTY = ("score", "ended_at")
# ids by which a copy of a row is recognised
_UNIQUE = {"orders": "order_id", "subscriptions": "subscription_id"}


def faults(table: schema.Table, converted: Converted, headers: tuple[str, ...], as_of: date | None) -> list[Fault]:
    """All rules for a table, in the order in which they are asked."""
    result = [f for name, r in converted.readers.items() for f in r.faults(converted.row(name))]
    values, original = converted.values(), converted.table
    for name in table.required:
        if name not in _MAY_BE_EMPTY:
            empty = values[name].isnull()
            result.append(Fault(f"missing_{name}", name, empty, "{header} is empty"))
    moment = next((c.name for c in table.columns if c.required and c.type in ("timestamp", "date")), None)
    if moment:
        result += _bounds(moment, values[moment], as_of)
    result += _of_table(table.name, values)
    key = _UNIQUE.get(table.name)
    if key in values and (converted.copied or _repeats(values[key])):
        result.append(_duplicate(values[key], key, original, headers))
    return result


def _bounds(name: str, moment: ir.Value, as_of: date | None) -> list[Fault]:
    """Dates before 1970 are slips of the keyboard or empty fields; dates after `as_of` have not happened."""
    day = moment.cast("date")
    buddhist = (day >= ibis.date("2443-01-01")) & (day < ibis.date("2700-01-01"))
    reason = "{header} {value} is of the Buddhist calendar, 543 years ahead; write the year of the common calendar"
    result = [
        Fault("before_1970", name, day < ibis.date("1970-01-01"), "{header} {value} is before 1970"),
        Fault("buddhist_year", name, buddhist, reason),
    ]
    if as_of is not None:
        late = day > ibis.date(as_of.isoformat())
        result.append(Fault("after_as_of", name, late, f"{{header}} {{value}} is after {as_of.isoformat()}"))
    return result


def _of_table(table: str, v: Mapping[str, ir.Value]) -> list[Fault]:
    """The rules that belong to one table only."""
    if table == "subscriptions":
        ends_early = v["ended_at"] < v["started_at"]
        result = []
        if "billing_months" in v:
            reason = "{header} must be 1 or more months, came {value}"
            result.append(Fault("no_billing_interval", "billing_months", v["billing_months"] < 1, reason))
        return [
            *result,
            Fault("ends_before_start", "ended_at", ends_early, "{header} {value} is before the start"),
            Fault("negative_mrr", "mrr", v["mrr"] < 0, "{header} must not be negative, came {value}"),
        ]
    if table == "surveys":
        return _of_surveys(v)
    if table == "visits":
        names = [n for n in ("visitors", "conversions") if n in v]
        return [Fault(f"negative_{n}", n, v[n] < 0, "{header} must not be negative, came {value}") for n in names]
    return []


def _of_surveys(v: Mapping[str, ir.Value]) -> list[Fault]:
    kind, score = v["kind"], v["score"]
    lowest = ibis.cases(*((kind == k, low) for k, (low, _) in KINDS.items()), else_=0)
    highest = ibis.cases(*((kind == k, high) for k, (_, high) in KINDS.items()), else_=10)
    outside = (score < lowest) | (score > highest) | (score != score.floor())
    ranges = ", ".join(f"{k} {low}-{high}" for k, (low, high) in KINDS.items())
    result = [
        Fault(
            "unknown_kind", "kind", ~kind.isin(tuple(KINDS)), f"{{header}} must be {', '.join(KINDS)}, came {{value}}"
        ),
        Fault(
            "score_out_of_range",
            "score",
            outside,
            f"{{header}} must be a whole number in range ({ranges}), came {{value}}",
        ),
    ]
    if "weight" in v:
        result.append(
            Fault("negative_weight", "weight", v["weight"] < 0, "{header} must not be negative, came {value}")
        )
    return result


def _repeats(key: ir.Value) -> bool:
    """Whether any id occurs twice: for data that stays in its engine this is cheaper than to compare its rows."""
    return bool((key.count() > key.nunique()).to_pyarrow().as_py())


def _duplicate(key: ir.Value, name: str, original: ir.Table, headers: tuple[str, ...]) -> Fault:
    """The second and later copies of rows with an id that are equal in every column."""
    order = [original[c] for c in (FILE, ROW) if c in original.columns] or None
    same = [original[h] for h in (*headers, *(c for c in (PART,) if c in original.columns))]
    copy = ibis.row_number().over(group_by=same, order_by=order)
    return Fault("duplicate", name, key.notnull() & (copy > 0), "the same row with {header} {value} was read before")

"""A preset put to work: which header is which column, what is computed from others, which rows do not count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import ibis
import ibis.expr.types as ir

from retention_kit import schema
from retention_kit.errors import DataError, join_faults
from retention_kit.load.conditions import Gaps, condition, header_of
from retention_kit.load.convert import Converted
from retention_kit.load.dataset import Note
from retention_kit.load.money import (
    Change,
    changes_of,
    check_named_amount,
    flags,
    net,
    with_rows_of_their_own,
    without_other_sets,
)
from retention_kit.load.presets import Choice, Picked, Preset, pick
from retention_kit.load.raw import FILE, PART, ROW, Raw
from retention_kit.load.reading import Fault

__all__ = ["Prepared", "derive", "faults_of", "prepare"]

_HELPERS = {
    "_quantity": schema.Column("_quantity", "float64", "how many", False),
    "_interval": schema.Column("_interval", "string", "what the price is for", False),
    "_count": schema.Column("_count", "int64", "how many intervals the price is for", False),
    "_refund_of": schema.Column("_refund_of", "string", "the payment that a refund gives back", False),
}
_MONTHS = {"day": 12 / schema.DAYS_PER_YEAR, "week": 84 / schema.DAYS_PER_YEAR, "month": 1, "quarter": 3, "year": 12}
_WHOLE_MONTHS = {name: months for name, months in _MONTHS.items() if months >= 1}


@dataclass(frozen=True)
class Prepared:
    """A source with the columns of a preset added; without a preset, the source as it was."""

    raw: Raw
    table: schema.Table
    columns: Mapping[str, str]
    labels: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Mapping, ...] = ()
    changes: tuple[Change, ...] = ()
    doubts: tuple[Mapping, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[Note, ...] = ()
    preset: str | None = None
    once_per: str | None = None


def prepare(choice: Choice, raw: Raw, table: schema.Table, named: Mapping[str, str] | None) -> Prepared:
    """Find a preset's headers; what the user names in columns={...} comes first."""
    named, preset = dict(named or {}), choice.preset
    if preset is None:
        return Prepared(raw, table, named, warnings=choice.warnings)
    gaps = Gaps(preset, raw.headers)
    headers = {name: h for name, h in named.items() if isinstance(h, str) and not h.startswith("=")}
    found = without_other_sets(preset, raw.headers, headers, gaps)
    check_named_amount(preset, found, headers, gaps)
    picked = _picked(preset, found, named, gaps)
    amount = headers.get("amount") or (picked["amount"].headers[0] if "amount" in picked else None)
    changes = changes_of(preset, found, amount, gaps)
    raw = replace(raw, table=with_rows_of_their_own(raw.table, changes, gaps))
    t = raw.table
    own = {name: Picked((h,)) for name, h in headers.items() if name in preset.other_party and h in raw.headers}
    built = {name: _built(t, name, p, preset, amount, gaps) for name, p in (picked | own).items()}
    built |= _moments(t, picked, built, changes)
    added = {f"__{name}": value for name, value in built.items() if value is not None}
    labels = {f"__{name}": str((picked | own)[name]) for name, value in built.items() if value is not None}
    columns = {name: f"__{name}" if f"__{name}" in added else p.headers[0] for name, p in (picked | own).items()}
    billed = _billing_months(t, preset, found)
    if billed is not None and "billing_months" not in named:
        added["__billing_months"], columns["billing_months"] = billed, "__billing_months"
        labels["__billing_months"] = preset.per_month["interval"][0]
    helpers = {f"_{name}": pick(preset.per_month.get(name, []), found) for name in ("quantity", "interval", "count")}
    helpers["_refund_of"] = pick(list(preset.refund_of), found)
    extra = {name: p.headers[0] for name, p in helpers.items() if p is not None}
    money = {name: header for change in changes for name, header in change.helpers.items()}
    added |= {f"_{name}": t[header] for name, header in (extra | money).items()}
    labels |= {f"_{name}": header for name, header in (extra | money).items()}
    for header in (columns[name] for name in preset.utc if name in columns):
        labels[header] = f"{labels.get(header, header)} (UTC)"
    rules = _rules(t, preset, gaps)
    doubts = tuple({**d, "when": when} for d in preset.warn if (when := condition(t, d, gaps)) is not None)
    added |= {f"__rule_{i}": rule["when"] for i, rule in enumerate(rules)}
    added |= {f"__doubt_{i}": doubt["when"] for i, doubt in enumerate(doubts)}
    added |= flags(t, changes, preset.zero, gaps)
    for need in preset.needs:
        if header_of(need, found) is None:
            gaps.absent(need, need["header"])
    if gaps.faults:
        raise DataError(
            f"{join_faults(gaps.faults)}. Found: {', '.join(raw.headers)}. Pass columns={{...}} as well, or "
            "preset=None where this is another file"
        )
    more = (*(_HELPERS[name] for name in extra), *(schema.Column(name, schema.MONEY, "money", False) for name in money))
    undated = any("at" in rule for rule in preset.less) and not any(change.at for change in changes)
    notes = ("refunds have no date in this file: they lower the amount of their payment",) if undated else ()
    always = (Note("preset", 0, preset.warning),) if preset.warning else ()
    return Prepared(
        raw=replace(raw, table=t.mutate(**added)),
        table=replace(table, columns=(*table.columns, *more)),
        columns={k: f"={v}" for k, v in preset.constants.items() if k not in named}
        | columns
        | {name: f"_{name}" for name in extra | money}
        | {name: h for name, h in named.items() if name not in own},
        labels=labels,
        rules=rules,
        changes=changes,
        doubts=doubts,
        notes=(f"read as an export of the preset {preset.name}", *preset.notes, *notes),
        warnings=(*choice.warnings, *always, *gaps.warnings),
        preset=preset.name,
        once_per=preset.once_per,
    )


def _picked(preset: Preset, found: tuple[str, ...], named: Mapping[str, str], gaps: Gaps) -> dict[str, Picked]:
    """The headers of the columns that the user does not name; a fault for each required one that is not there."""
    picked = {name: pick(headers, found) for name, headers in (preset.columns | preset.optional).items()}
    gaps.faults += [
        f"preset {preset.name} reads {name} from {' or '.join(preset.columns[name])}, which is not there"
        for name in preset.columns
        if name not in named and picked[name] is None
    ]
    return {name: p for name, p in picked.items() if p is not None and name not in named}


def _moments(
    t: ir.Table,
    picked: Mapping[str, Picked],
    built: Mapping[str, ir.Value | None],
    changes: tuple[Change, ...],
) -> dict[str, ir.Value]:
    """The moment of an order, where some rows have one of another header."""
    if PART not in t.columns or "ordered_at" not in picked:
        return {}
    value = built.get("ordered_at")
    value = t[picked["ordered_at"].headers[0]] if value is None else value
    at = {change.part: t[change.at] for change in changes if change.at}
    if any(other.type() != value.type() for other in at.values()):
        value, at = value.cast("string"), {part: other.cast("string") for part, other in at.items()}
    return {"ordered_at": ibis.cases(*((t[PART] == part, other) for part, other in at.items()), else_=value)}


def _rules(t: ir.Table, preset: Preset, gaps: Gaps) -> tuple[dict, ...]:
    """The rules that refuse rows, each with its condition in the engine."""
    rules = []
    for rule, other_than in (*((r, False) for r in preset.drop), *((r, True) for r in preset.keep)):
        when = condition(t, rule, gaps, other_than=other_than)
        if when is not None:
            headers = [rule["empty"]] if "empty" in rule else [rule["header"]]
            picked = next(p for h in headers for c in h if (p := pick([c], gaps.found)) is not None)
            rules.append({**rule, "header": picked.headers[0], "when": when})
    return tuple(rules)


def _billing_months(t: ir.Table, preset: Preset, found: tuple[str, ...]) -> ir.Value | None:
    """Whole months from one bill to the next, as text; NULL for days and weeks, None without a column that says it."""
    interval = pick(preset.per_month.get("interval", []), found)
    if interval is None:
        return None
    name = t[interval.headers[0]].cast("string").strip().lower()
    months = ibis.cases(*((name == unit, ibis.literal(m, "int64")) for unit, m in _WHOLE_MONTHS.items()))
    count = pick(preset.per_month.get("count", []), found)
    if count is not None:
        digits = t[count.headers[0]].cast("string").re_extract("^ *([0-9]{1,4}) *$", 1)
        months = months * digits.nullif("").fill_null("1").cast("int64")
    return months.cast("string")


def _built(t: ir.Table, name: str, p: Picked, preset: Preset, amount: str | None, gaps: Gaps) -> ir.Value | None:
    """A column that is computed from the originals, or None where one of them is the column."""
    value = t[p.headers[0]].cast("string")
    if len(p.headers) > 1:
        others = [t[h].cast("string").strip().nullif("") for h in p.headers[1:]]
        first = value.strip().nullif("")
        value = first + " " + others[0] if p.sign == "+" else ibis.coalesce(first, *others)
    other = None
    if name in preset.other_party and amount is not None:
        other = pick(preset.other_party[name], gaps.found)
        if other is None:
            names = " or ".join(preset.other_party[name])
            gaps.faults.append(
                f"preset {preset.name} reads the {name} of refunds from {names}, which is not there; they would be "
                "booked on the shop itself"
            )
        else:
            negative = t[amount].cast("string").re_search("^ *[-−(]")
            value = ibis.ifelse(negative, t[other.headers[0]].cast("string"), value)
    if name in preset.leading:
        number = value.re_extract("^ *([0-9]+) *[-–—:(]", 1).nullif("")
        value = number.fill_null(value)
    return value if len(p.headers) > 1 or other is not None or name in preset.leading else None


def faults_of(prepared: Prepared, converted: Converted) -> list[Fault]:
    """The rules of the preset over the converted table."""
    faults = [
        Fault(rule["rule"], rule["header"], converted.table[f"__rule_{i}"], rule["reason"])
        for i, rule in enumerate(prepared.rules)
    ]
    if prepared.once_per in converted.readers:
        faults = [*_repeated(prepared.once_per, converted, faults), *faults]
    if "_interval" in converted.readers:
        value = converted.values()["_interval"]
        unknown = value.notnull() & ~value.lower().isin(list(_MONTHS))
        reason = f"{{header}} must be one of {', '.join(_MONTHS)}, came {{value}}"
        faults.append(Fault("unknown_interval", "_interval", unknown, reason))
    if "_count" in converted.readers:
        none = converted.values()["_count"] < 1
        faults.append(Fault("no_interval", "_count", none, "{header} must be 1 or more, came {value}"))
    return faults


def _repeated(key: str, converted: Converted, faults: list[Fault]) -> list[Fault]:
    """Rows of an order beyond the first: the total of the order stands on each of them, or on the first alone.

    The row that counts is the first of those that no rule refuses and that have a total.
    """
    t, values = converted.table, converted.values()
    refused = ibis.or_(*(fault.when for fault in faults)) if faults else ibis.literal(False)
    place = [t[c] for c in (FILE, ROW) if c in t.columns]
    order = [refused.ifelse(1, 0), values["amount"].isnull().ifelse(1, 0), *place]
    again = ibis.row_number().over(group_by=values[key], order_by=order) > 0
    again = values[key].notnull() & again
    first = values["amount"].first().over(ibis.window(group_by=values[key], order_by=order))
    other = again & (values["amount"] != first).fill_null(False)
    return [
        Fault("other_total", "amount", other, "{header} {value} is not the total of this order that counts"),
        Fault("repeated_order", key, again, "a further row of the order {value}; its total counts once"),
    ]


def derive(prepared: Prepared, converted: Converted) -> Converted:
    """Amounts after what is taken off and added, and prices per month, from the helper columns of a preset."""
    values = converted.values()
    if "amount" in values and (prepared.changes or "__zero" in converted.table.columns):
        amount = net(values, converted.table, prepared.changes)
        converted = replace(converted, table=converted.table.mutate(__amount__value=amount))
    if "_interval" in values:
        months = ibis.cases(*((values["_interval"].lower() == k, float(v)) for k, v in _MONTHS.items()), else_=1.0)
        quantity = values["_quantity"].fill_null(1.0) if "_quantity" in values else 1.0
        if "_count" in values:
            months = months * ibis.greatest(values["_count"].fill_null(1), 1)
        mrr = (values["mrr"].cast("float64") * quantity / months).round(4).cast(schema.MONEY)
        converted = replace(converted, table=converted.table.mutate(__mrr__value=mrr))
    return converted

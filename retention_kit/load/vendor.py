"""A preset put to work: which header is which column, what is computed from others, which rows do not count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import ibis
import ibis.expr.types as ir

from retention_kit import schema
from retention_kit.errors import DataError, join_faults
from retention_kit.load.convert import Converted
from retention_kit.load.dataset import Note
from retention_kit.load.presets import Picked, Preset, pick
from retention_kit.load.raw import Raw
from retention_kit.load.reading import Fault

__all__ = ["Prepared", "derive", "faults_of", "prepare"]

_HELPERS = {
    "_refund": schema.Column("_refund", schema.MONEY, "money given back", False),
    "_quantity": schema.Column("_quantity", "float64", "how many", False),
    "_interval": schema.Column("_interval", "string", "what the price is for", False),
    "_count": schema.Column("_count", "int64", "how many intervals the price is for", False),
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
    notes: tuple[str, ...] = ()
    warnings: tuple[Note, ...] = ()
    preset: str | None = None


def prepare(preset: Preset | None, raw: Raw, table: schema.Table, told: Mapping[str, str] | None) -> Prepared:
    """Find a preset's headers; what the user says in columns={...} comes first."""
    told = dict(told or {})
    if preset is None:
        return Prepared(raw, table, told)
    found = _whole_groups(preset, raw.headers)
    picked = {name: pick(headers, found) for name, headers in (preset.columns | preset.optional).items()}
    faults = [
        f"preset {preset.name} reads {name} from {' or '.join(preset.columns[name])}, which is not there"
        for name in preset.columns
        if name not in told and picked[name] is None
    ]
    if faults:
        raise DataError(f"{join_faults(faults)}. Found: {', '.join(raw.headers)}. Pass columns={{...}} as well")
    picked = {name: p for name, p in picked.items() if p is not None and name not in told}
    added = {f"__{name}": _built(raw.table, name, p, preset, picked, found) for name, p in picked.items()}
    added = {name: value for name, value in added.items() if value is not None}
    columns = {name: f"__{name}" if f"__{name}" in added else p.headers[0] for name, p in picked.items()}
    labels = {f"__{name}": str(p) for name, p in picked.items()}
    billed = _billing_months(raw.table, preset, found)
    if billed is not None and "billing_months" not in told:
        added["__billing_months"], columns["billing_months"] = billed, "__billing_months"
        labels["__billing_months"] = preset.per_month["interval"][0]
    helpers = {"_refund": preset.less.get("amount")}
    helpers |= {f"_{name}": preset.per_month.get(name) for name in ("quantity", "interval", "count")}
    extra = {name: pick(headers, found) for name, headers in helpers.items() if headers}
    extra = {name: p.headers[0] for name, p in extra.items() if p is not None}
    rules = tuple(r for r in (_rule(raw.table, rule, found) for rule in (*preset.drop, *preset.keep)) if r is not None)
    added |= {f"__rule_{i}": rule["when"] for i, rule in enumerate(rules)}
    warnings = (Note("preset", 0, preset.warning),) if preset.warning else ()
    return Prepared(
        raw=replace(raw, table=raw.table.mutate(**added)) if added else raw,
        table=replace(table, columns=(*table.columns, *(_HELPERS[name] for name in extra))),
        columns={k: f"={v}" for k, v in preset.constants.items() if k not in told} | columns | extra | told,
        labels=labels,
        rules=rules,
        notes=(f"read as an export of the preset {preset.name}", *preset.notes),
        warnings=warnings,
        preset=preset.name,
    )


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


def _whole_groups(preset: Preset, found: tuple[str, ...]) -> tuple[str, ...]:
    """The headers without those that only make sense together and are not all there."""
    broken = [(lead, *rest) for lead, rest in preset.together.items() if not {lead, *rest} <= set(found)]
    return tuple(h for h in found if not any(h in group for group in broken))


def _built(t: ir.Table, name: str, p: Picked, preset: Preset, picked: Mapping[str, Picked], found) -> ir.Value | None:
    """A column that is computed from the originals, or None where one of them is the column."""
    value = t[p.headers[0]].cast("string")
    if len(p.headers) > 1:
        others = [t[h].cast("string").strip().nullif("") for h in p.headers[1:]]
        first = value.strip().nullif("")
        value = first + " " + others[0] if p.sign == "+" else ibis.coalesce(first, *others)
    other = pick(preset.other_party.get(name, []), found)
    if other is not None:
        negative = t[picked["amount"].headers[0]].cast("string").re_search("^ *[-−(]")
        value = ibis.ifelse(negative, t[other.headers[0]].cast("string"), value)
    if name in preset.leading:
        number = value.re_extract("^ *([0-9]+) *[-–—:(]", 1).nullif("")
        value = number.fill_null(value)
    return value if len(p.headers) > 1 or other is not None or name in preset.leading else None


def _rule(t: ir.Table, rule: Mapping, found: tuple[str, ...]) -> dict | None:
    """A rule of a preset with its condition in the engine; None where its column is missing."""
    if "empty" in rule:
        headers = [h for h in rule["empty"] if h in found]
        blank = [t[h].isnull() | (t[h].cast("string").strip() == "") for h in headers]
        return {**rule, "header": headers[0], "when": ibis.and_(*blank)} if headers else None
    header = pick(rule["header"], found)
    if header is None:
        return None
    cell = t[header.headers[0]].cast("string").strip().lower().fill_null("")
    when = ~cell.isin(rule["values"]) if "values" in rule else cell.re_search(rule["pattern"])
    unless = pick(rule["unless"]["header"], found) if "unless" in rule else None
    if unless is not None:
        when = when & ~t[unless.headers[0]].cast("string").lower().fill_null("").re_search(rule["unless"]["pattern"])
    return {**rule, "header": header.headers[0], "when": when}


def faults_of(prepared: Prepared, converted: Converted) -> list[Fault]:
    """The rules of the preset over the converted table."""
    faults = [
        Fault(rule["rule"], rule["header"], converted.table[f"__rule_{i}"], rule["reason"])
        for i, rule in enumerate(prepared.rules)
    ]
    if "_interval" in converted.readers:
        value = converted.values()["_interval"]
        unknown = value.notnull() & ~value.lower().isin(list(_MONTHS))
        reason = f"{{header}} must be one of {', '.join(_MONTHS)}, came {{value}}"
        faults.append(Fault("unknown_interval", "_interval", unknown, reason))
    if "_count" in converted.readers:
        none = converted.values()["_count"] < 1
        faults.append(Fault("no_interval", "_count", none, "{header} must be 1 or more, came {value}"))
    return faults


def derive(converted: Converted) -> Converted:
    """Amounts less refunds, and prices per month, from the helper columns of a preset."""
    values = converted.values()
    if "_refund" in values:
        net = (values["amount"] - values["_refund"].fill_null(0).abs()).cast(schema.MONEY)
        converted = replace(converted, table=converted.table.mutate(__amount__value=net))
    if "_interval" in values:
        months = ibis.cases(*((values["_interval"].lower() == k, float(v)) for k, v in _MONTHS.items()), else_=1.0)
        quantity = values["_quantity"].fill_null(1.0) if "_quantity" in values else 1.0
        if "_count" in values:
            months = months * ibis.greatest(values["_count"].fill_null(1), 1)
        mrr = (values["mrr"].cast("float64") * quantity / months).round(4).cast(schema.MONEY)
        converted = replace(converted, table=converted.table.mutate(__mrr__value=mrr))
    return converted

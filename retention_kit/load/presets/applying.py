"""Applies a preset: which header is which column, what is computed from other columns, which rows do not count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import ibis
import ibis.expr.types as ir

from retention_kit import schema
from retention_kit.errors import DataError, join_faults
from retention_kit.formats import counted
from retention_kit.load.columns.typed_columns import Converted
from retention_kit.load.dataset import Note
from retention_kit.load.presets.choosing import Choice, Picked, Preset, Rule, pick
from retention_kit.load.presets.conditions import Gaps, condition, header_of
from retention_kit.load.presets.money import (
    Change,
    before_refunds,
    changes_of,
    check_named_amount,
    flags,
    left_of,
    net,
    with_rows_of_their_own,
    without_other_sets,
)
from retention_kit.load.presets.preset_columns import MONTHS, billing_months, computed, payers, picked
from retention_kit.load.presets.preset_rules import rules_of, summed
from retention_kit.load.sources.raw_table import ID, PART, Raw
from retention_kit.load.values.moments.zone_names import home_of
from retention_kit.load.values.reader import written
from retention_kit.load.verdicts.tally import Tally

_HELPERS = {
    "_quantity": schema.Column("_quantity", "float64", "how many", False),
    "_interval": schema.Column("_interval", "string", "what the price is for", False),
    "_count": schema.Column("_count", "int64", "how many intervals the price is for", False),
    "_refund_of": schema.Column("_refund_of", "string", "the payment that a refund gives back", False),
}


OVERDRAWN = "__overdrawn"
"""Column that is true where more was taken off an amount than the amount itself."""

_MOST_ZONES = 50
"""The largest number of different zones that are read; an account has two, for winter and summer."""


@dataclass(frozen=True)
class Prepared:
    """A source with the columns of a preset added; without a preset, the source as it was.

    `overridden` are the headers that the preset would have read where the user gives every row the same value.
    """

    raw: Raw
    table: schema.Table
    columns: Mapping[str, str]
    labels: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    changes: tuple[Change, ...] = ()
    doubts: tuple[Rule, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[Note, ...] = ()
    preset: str | None = None
    once_per: str | None = None
    sum_per: tuple[str, ...] = ()
    zone: Picked | None = None
    overridden: Mapping[str, str] = field(default_factory=dict)

    @property
    def home(self) -> str | None:
        """The time zone that the rows name, where they name one."""
        if self.zone is None:
            return None
        zone = written(self.raw.table[self.zone.headers[0]])
        named = self.raw.table.select(zone=zone).distinct().limit(_MOST_ZONES)
        return home_of(zone for zone in named.to_pyarrow()["zone"].to_pylist() if zone)


def prepare(choice: Choice, raw: Raw, table: schema.Table, named: Mapping[str, str] | None) -> Prepared:
    """Find a preset's headers; what the user names in columns={...} comes first."""
    named, preset = dict(named or {}), choice.preset
    if preset is None:
        return Prepared(raw, table, named, warnings=choice.warnings)
    gaps = Gaps(preset, raw.headers)
    headers = {name: h for name, h in named.items() if isinstance(h, str) and not h.startswith("=")}
    available = without_other_sets(preset, raw.headers, headers, gaps)
    check_named_amount(preset, available, headers, named, gaps)
    own = payers(preset, headers, available, gaps)
    sources = picked(preset, available, named, gaps) | own
    amount = headers.get("amount") or (sources["amount"].headers[0] if "amount" in sources else None)
    changes = changes_of(preset, available, amount, gaps)
    t = with_rows_of_their_own(raw.table, changes, gaps)
    values, columns, labels = _columns(t, preset, sources, changes, amount, gaps)
    helpers, more = _helpers(preset, available, changes)
    rules = rules_of(t, preset, gaps)
    doubts = tuple({**d, "when": when} for d in preset.warn if (when := condition(t, d, gaps)) is not None)
    values |= {f"_{name}": t[header] for name, header in helpers.items()} | flags(t, changes, preset.zero, gaps)
    values |= {f"__rule_{i}": rule["when"] for i, rule in enumerate(rules)}
    values |= {f"__doubt_{i}": doubt["when"] for i, doubt in enumerate(doubts)}
    sums = _headers_of_sums(preset, gaps)
    notes, warnings = _said(preset, changes, gaps)
    return Prepared(
        raw=replace(raw, table=t.mutate(**values)),
        table=replace(table, columns=(*table.columns, *more)),
        columns={k: f"={v}" for k, v in preset.constants.items() if k not in named}
        | columns
        | {name: f"_{name}" for name in helpers}
        | {name: h for name, h in named.items() if name not in own},
        labels=labels | {f"_{name}": header for name, header in helpers.items()},
        rules=rules,
        changes=changes,
        doubts=doubts,
        notes=notes,
        warnings=(*choice.warnings, *warnings),
        preset=preset.name,
        once_per=preset.once_per,
        sum_per=sums,
        zone=pick(list(preset.zone), available),
        overridden=_overridden(preset, named, available),
    )


def _overridden(preset: Preset, named: Mapping[str, str], available: tuple[str, ...]) -> dict[str, str]:
    """The header of each column that is the same in every row because the user says so."""
    headers = {**preset.columns, **preset.optional}
    constant = [name for name, header in named.items() if isinstance(header, str) and header.startswith("=")]
    picked_ = {name: pick(headers.get(name, []), available) for name in constant}
    return {name: p.headers[0] for name, p in picked_.items() if p is not None}


def _columns(
    t: ir.Table,
    preset: Preset,
    sources: Mapping[str, Picked],
    changes: tuple[Change, ...],
    amount: str | None,
    gaps: Gaps,
) -> tuple[dict[str, ir.Value], dict[str, str], dict[str, str]]:
    """Computed columns; the column of the table from which each name is read; the label of each of these in
    messages."""
    values = {f"__{name}": value for name, value in computed(t, sources, preset, changes, amount, gaps).items()}
    labels = {f"__{name}": str(p) for name, p in sources.items() if f"__{name}" in values}
    columns = {name: f"__{name}" if f"__{name}" in values else p.headers[0] for name, p in sources.items()}
    for header in (columns[name] for name in preset.utc if name in columns):
        labels[header] = f"{labels.get(header, header)} (UTC)"
    billed = billing_months(t, preset, gaps.available)
    if billed is not None:
        values["__billing_months"], columns["billing_months"] = billed, "__billing_months"
        labels["__billing_months"] = preset.per_month["interval"][0]
    return values, columns, labels


def _headers_of_sums(preset: Preset, gaps: Gaps) -> tuple[str, ...]:
    """The headers that the rows of an order share; a fault for each that is missing."""
    headers = []
    for name in preset.sum_per:
        header = header_of({"header": [name]}, gaps.available)
        if header is None:
            gaps.absent({"means": "the rows of an order cannot be added up", "missing": "refuse"}, [name])
        else:
            headers.append(header)
    return tuple(headers)


def _helpers(
    preset: Preset, available: tuple[str, ...], changes: tuple[Change, ...]
) -> tuple[dict[str, str], list[schema.Column]]:
    """Columns that are read only to compute others, with their headers and their types."""
    asked = {f"_{name}": preset.per_month.get(name, []) for name in ("quantity", "interval", "count")}
    asked["_refund_of"] = list(preset.refund_of)
    there = {name: p.headers[0] for name, headers in asked.items() if (p := pick(headers, available)) is not None}
    money = {name: header for change in changes for name, header in change.helpers.items()}
    columns = [_HELPERS[name] for name in there] + [schema.Column(name, schema.MONEY, "money", False) for name in money]
    return there | money, columns


def _said(preset: Preset, changes: tuple[Change, ...], gaps: Gaps) -> tuple[tuple[str, ...], tuple[Note, ...]]:
    """The assumptions and warnings of a preset for this file; DataError where it lacks what the preset must have."""
    for need in preset.needs:
        if header_of(need, gaps.available) is None:
            gaps.absent(need, need["header"])
    if gaps.faults:
        raise DataError(
            f"{join_faults(gaps.faults)}. Found: {', '.join(gaps.available)}. Pass columns={{...}} as well, or "
            "preset=None where this is another file"
        )
    undated = [change.header for change in changes if "at" in change.rule and change.at is None]
    notes = (f"{' and '.join(undated)}: without a date in this file, taken off the payment",) if undated else ()
    always = (Note("preset", 0, preset.warning),) if preset.warning else ()
    return (f"read as an export of the preset {preset.name}", *preset.notes, *notes), (*always, *gaps.warnings)


def derive(prepared: Prepared, converted: Converted) -> Converted:
    """Amounts after what is taken off and added, and prices per month, from the helper columns of a preset."""
    values = converted.values()
    if "amount" in values and (prepared.changes or "__zero" in converted.table.columns):
        amount = net(values, converted.table, prepared.changes)
        below = (values["amount"] >= 0) & (left_of(values, converted.table, prepared.changes) < 0)
        if PART in converted.table.columns:
            below &= converted.table[PART] == 0
        more: dict[str, ir.Value] = {OVERDRAWN: below}
        if ID in converted.table.columns and not prepared.sum_per:  # only sources beside others are compared by it
            more["__amount__gross"] = before_refunds(values, converted.table, prepared.changes, amount)
        own = {"__amount__value": amount, "__amount__read": values["amount"]}
        converted = replace(converted, table=converted.table.mutate(**own, **more))
    if prepared.sum_per:
        converted = summed(prepared.sum_per, prepared.rules, converted, prepared.raw.headers)
    if "_interval" in values:
        months = ibis.cases(*((values["_interval"].lower() == k, float(v)) for k, v in MONTHS.items()), else_=1.0)
        quantity = values["_quantity"].fill_null(1.0) if "_quantity" in values else 1.0
        if "_count" in values:
            months = months * ibis.greatest(values["_count"].fill_null(1), 1)
        mrr = (values["mrr"].cast("float64") * quantity / months).round(4).cast(schema.MONEY)
        converted = replace(converted, table=converted.table.mutate(__mrr__value=mrr))
    return converted


def rows_of_their_own(prepared: Prepared, counts: Tally) -> tuple[str, ...]:
    """A sentence on refunds that were written in the row of their payment and are counted as rows of their own."""
    headers = " and ".join(dict.fromkeys(change.at for change in prepared.changes if change.at))
    rows = counts.flags.get("parts", 0)
    what = counted(rows, "refund is a row of its", "refunds are rows of their")
    return (f"{what} own, with the moment in {headers}",) if rows else ()


def doubtful_rows(prepared: Prepared, counts: Tally) -> tuple[Note, ...]:
    """The warnings of a preset about rows that are kept."""
    named = [(doubt["rule"], counts.flags[f"__doubt_{i}"], doubt["text"]) for i, doubt in enumerate(prepared.doubts)]
    text = (
        "orders of which more was taken off than was paid, by refunds and disputes together where there are both, so "
        "that less than nothing is left; they count as they are"
    )
    named.append(("refund_above_amount", counts.flags.get(OVERDRAWN, 0), text))
    return tuple(Note(rule, rows, text) for rule, rows, text in named if rows)

"""The columns of a preset: which header each is read from, and those that are computed from several."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from retention_kit import schema
from retention_kit.load.dataset import Note
from retention_kit.load.presets.choosing import Picked, Preset, pick
from retention_kit.load.presets.conditions import Gaps
from retention_kit.load.presets.money import Change
from retention_kit.load.sources.raw_table import PART
from retention_kit.load.values.reader import trimmed

MONTHS = {"day": 12 / schema.DAYS_PER_YEAR, "week": 84 / schema.DAYS_PER_YEAR, "month": 1, "quarter": 3, "year": 12}
"""Months in each billing interval."""

_WHOLE_MONTHS = {name: months for name, months in MONTHS.items() if months >= 1}


def picked(preset: Preset, available: tuple[str, ...], named: Mapping[str, str], gaps: Gaps) -> dict[str, Picked]:
    """The headers of the columns that the user does not name; a fault for each required one that is missing."""
    picked = {name: pick(headers, available) for name, headers in (preset.columns | preset.optional).items()}
    gaps.faults += [
        f"preset {preset.name} reads {name} from {' or '.join(preset.columns[name])}, which is not one of the headers"
        for name in preset.columns
        if name not in named and picked[name] is None
    ]
    currencies = {**preset.columns, **preset.optional}.get("currency")
    if currencies and "currency" not in named and picked["currency"] is None and "currency" not in preset.columns:
        gaps.absent({"means": "amounts in several currencies, if there are any, are added up"}, currencies)
    if preset.refund_of and pick(list(preset.refund_of), available) is None:
        gaps.absent({"means": "refunds of payments that are refused or missing count"}, list(preset.refund_of))
    return {name: p for name, p in picked.items() if p is not None and name not in named}


def payers(preset: Preset, headers: Mapping[str, str], available: tuple[str, ...], gaps: Gaps) -> dict[str, Picked]:
    """Headers named by the user that hold the payer of a payment, and of a refund the shop, as the preset's do."""
    own = {}
    for name in headers.keys() & preset.other_party.keys():
        header = headers[name]
        if pick(preset.other_party[name], (header,)) is not None:
            gaps.faults.append(
                f"columns names {header} as {name}, which is the shop itself in payments; name "
                f"{' or '.join(preset.columns[name])}, and refunds are taken from {header}"
            )
        elif pick(preset.columns[name], (header,)) is not None and header in available:
            own[name] = Picked((header,))
        else:
            text = (
                f"refunds are booked on the {name} that {header} names in their own row; check whether that is the "
                "buyer"
            )
            gaps.warnings.append(Note("refunds_as_named", 0, text))
    return own


def computed(
    t: ir.Table,
    sources: Mapping[str, Picked],
    preset: Preset,
    changes: tuple[Change, ...],
    amount: str | None,
    gaps: Gaps,
) -> dict[str, ir.Value]:
    """The columns that are computed, rather than read unchanged from an original."""
    values = {name: _built(t, name, p, preset, amount, gaps) for name, p in sources.items()}
    values |= _moments(t, sources, values, changes)
    return {name: value for name, value in values.items() if value is not None}


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
        value, at = value.cast("string"), {number: other.cast("string") for number, other in at.items()}
    return {"ordered_at": ibis.cases(*((t[PART] == number, other) for number, other in at.items()), else_=value)}


def billing_months(t: ir.Table, preset: Preset, available: tuple[str, ...]) -> ir.Value | None:
    """Months from one bill to the next, as text; NULL for days and weeks, None without a column for the interval."""
    interval = pick(preset.per_month.get("interval", []), available)
    if interval is None:
        return None
    name = trimmed(t[interval.headers[0]].cast("string")).lower()
    months = ibis.cases(*((name == unit, ibis.literal(m, "int64")) for unit, m in _WHOLE_MONTHS.items()))
    count = pick(preset.per_month.get("count", []), available)
    if count is not None:
        digits = t[count.headers[0]].cast("string").re_extract("^ *([0-9]{1,4}) *$", 1)
        months = months * digits.nullif("").fill_null("1").cast("int64")
    return months.cast("string")


def _built(t: ir.Table, name: str, p: Picked, preset: Preset, amount: str | None, gaps: Gaps) -> ir.Value | None:
    """A column that is computed from the originals, or None where one of them is the column."""
    value = t[p.headers[0]].cast("string")
    if len(p.headers) > 1:
        first, *others = (trimmed(t[h].cast("string")).nullif("") for h in p.headers)
        value = ibis.coalesce(first, *others)
        if p.sign == "+":
            value = functools.reduce(lambda text, other: text + (" " + other).fill_null(""), others, first)
    other = None
    if name in preset.other_party and amount is not None:
        other = pick(preset.other_party[name], gaps.available)
        if other is None:
            names = " or ".join(preset.other_party[name])
            gaps.faults.append(
                f"preset {preset.name} reads the {name} of refunds from {names}, which is not one of the headers; "
                "they would be booked on the shop itself"
            )
        else:
            negative = t[amount].cast("string").re_search("^ *[-−(]")
            value = ibis.ifelse(negative, t[other.headers[0]].cast("string"), value)
    if name in preset.leading:
        number = value.re_extract("^ *([0-9]+) *[-–—:(]", 1).nullif("")
        value = number.fill_null(value)
    return value if len(p.headers) > 1 or other is not None or name in preset.leading else None

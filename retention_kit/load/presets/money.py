"""The money of a preset: headers that belong together, and what changes an amount after it has been read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from retention_kit import schema
from retention_kit.load.dataset import Note
from retention_kit.load.presets.choosing import Preset, Rule, pick
from retention_kit.load.presets.conditions import Gaps, condition, header_of
from retention_kit.load.sources.raw_table import PART

_AMOUNT = {"orders": "amount", "subscriptions": "mrr", "order_lines": "amount"}


@dataclass(frozen=True)
class Change:
    """A sum that is taken off an amount (sign -1) or added to it (sign 1): its header and the rows in which it counts.

    `at` is the header of its own moment: with it, the change is a row of its own, numbered `part`. `per` is the header
    of the amount in whose currency it is written, where that is not the amount that is read.
    """

    number: int
    header: str
    sign: int
    rule: Rule
    at: str | None = None
    per: str | None = None

    @property
    def helpers(self) -> dict[str, str]:
        """The columns that are read for the change, and their headers."""
        return {f"_change_{self.number}": self.header} | ({f"_per_{self.number}": self.per} if self.per else {})

    @property
    def part(self) -> int:
        """The number in `PART` of rows that hold only this change; 0 is the original row of the file."""
        return self.number + 1


def without_other_sets(
    preset: Preset, available: tuple[str, ...], named: Mapping[str, str], gaps: Gaps
) -> tuple[str, ...]:
    """The headers of a file without those of the sets that are not read.

    A set is an amount with the refund and the currency that belong to it. The first set that is complete is read, or
    the one of which the user names a header; the last one is read even if it is not complete.
    """
    if not preset.sets:
        return available
    in_sets = {h for h in named.values() if any(h in group for group in preset.sets)}
    fitting = [group for group in preset.sets if in_sets <= set(group)]
    if not fitting:
        groups = " or ".join(" with ".join(group) for group in preset.sets)
        gaps.faults.append(f"columns names {', '.join(sorted(in_sets))}, which do not belong together; take {groups}")
        return available
    chosen = next((group for group in fitting if not _absent(group, available)), fitting[-1])
    absent = _absent(chosen, available)
    if in_sets and absent and chosen != preset.sets[-1]:
        names = ", ".join(sorted(in_sets))
        gaps.faults.append(f"columns names {names}, and {', '.join(absent)}, which belongs to it, is missing")
    for group in preset.sets[: preset.sets.index(chosen)] if not in_sets else ():
        absent = _absent(group, available)
        if len(absent) < len(group):
            text = f"money is read from {chosen[0]}, not from {group[0]}, since {', '.join(absent)} is not in this file"
            gaps.warnings.append(Note("incomplete_set", 0, text))
    hidden = {h for group in preset.sets for h in group} - set(chosen)
    return tuple(h for h in available if h not in hidden)


def _absent(group: list[str], available: tuple[str, ...]) -> list[str]:
    return [h for h in group if pick([h], available) is None]


def check_named_amount(
    preset: Preset, available: tuple[str, ...], named: Mapping[str, str], given: Mapping[str, str], gaps: Gaps
) -> None:
    """Refuse an amount, or only a currency, that the user names and to which the preset's refunds do not belong.

    If the preset takes nothing off the amount, another amount may be read, and a note says what is no longer true.
    """
    amount = _AMOUNT.get(preset.table)
    candidates = {**preset.columns, **preset.optional}
    changed = preset.less or preset.plus or preset.zero or (preset.per_month and preset.table == "subscriptions")
    own_amount = " or ".join(candidates.get(amount or "", []))
    if amount is not None and amount in named and own_amount and pick(candidates[amount], (named[amount],)) is None:
        if changed:
            what = "the price of a month from it" if preset.per_month else "what is left of it after refunds"
            gaps.faults.append(
                f"columns names {named[amount]} as {amount}, and preset {preset.name} only knows how to compute {what} "
                f"for {own_amount}; name one of these, or pass preset=None and a column that is net"
            )
        else:
            text = (
                f"{amount} is read from {named[amount]}, as columns says, not from {own_amount}: what preset "
                f"{preset.name} says of refunds and taxes is said of {own_amount}, and refunds in {named[amount]} may "
                "not be taken off"
            )
            gaps.warnings.append(Note("other_amount", 0, text))
        if "currency" in preset.constants and "currency" not in given:
            gaps.faults.append(
                f"columns names {named[amount]} as {amount}, and only {own_amount} is known to be in "
                f"{preset.constants['currency']}; name the currency as well"
            )
    if "currency" in named and amount not in named:
        own = pick(candidates.get("currency", []), available)
        if own is not None and pick(candidates["currency"], (named["currency"],)) is None:
            gaps.faults.append(
                f"columns names {named['currency']} as currency, but the amounts of preset {preset.name} are in "
                f"{own}; name the amount as well"
            )


def changes_of(preset: Preset, available: tuple[str, ...], amount: str | None, gaps: Gaps) -> tuple[Change, ...]:
    """The changes of the amount that the headers of a file allow; a gap for each missing header."""
    changes = []
    for number, (rule, sign) in enumerate([*((r, -1) for r in preset.less), *((r, 1) for r in preset.plus)]):
        header = header_of(rule, available)
        if header is None:
            gaps.absent(rule, rule["header"])
            continue
        at = header_of({"header": rule["at"]}, available) if "at" in rule else None
        per = header_of({"header": rule["per"]}, gaps.available) if "per" in rule else None
        if "per" in rule and per is None:
            gaps.absent(rule, rule["per"])
            continue
        changes.append(Change(number, header, sign, rule, at, None if per == amount else per))
    return tuple(changes)


def with_rows_of_their_own(table: ir.Table, changes: tuple[Change, ...], gaps: Gaps) -> ir.Table:
    """The table with a further row for each change that has a moment of its own."""
    dated = [change for change in changes if change.at is not None]
    if not dated:
        return table
    rows = [table.mutate(**{PART: ibis.literal(0, "int64")})]
    for change in dated:
        hit = _dated(table, change, gaps)
        if hit is not None:
            rows.append(table.filter(hit).mutate(**{PART: ibis.literal(change.part, "int64")}))
    return ibis.union(*rows) if len(rows) > 1 else table


def flags(table: ir.Table, changes: tuple[Change, ...], zero: tuple[Rule, ...], gaps: Gaps) -> dict[str, ir.Value]:
    """Columns that mark the rows in which a change counts, those that have a change at all, and those left with
    nothing."""
    columns: dict[str, ir.Value] = {}
    for change in changes:
        counts = condition(table, {**change.rule, "header": [change.header]}, gaps)
        dated = _dated(table, change, gaps) if change.at is not None and PART in table.columns else None
        counts = ibis.literal(False) if counts is None else counts
        columns[f"__ever_{change.number}"] = counts
        counts = counts if dated is None else counts & (~dated | (table[PART] == change.part))
        columns[f"__when_{change.number}"] = counts
    nothing = [hit for rule in zero if (hit := condition(table, rule, gaps)) is not None]
    return columns | ({"__zero": ibis.or_(*nothing)} if nothing else {})


def _dated(table: ir.Table, change: Change, gaps: Gaps) -> ir.BooleanValue | None:
    """Rows with a change that has a moment of its own."""
    rule = {**change.rule, "header": [change.header], "pattern": "[1-9]"}
    at = condition(table, {"header": [change.at]}, gaps)
    changed = condition(table, rule, gaps)
    return None if changed is None else changed & at


def net(
    values: Mapping[str, ir.Value], table: ir.Table, changes: tuple[Change, ...], *, to_zero: bool = True
) -> ir.Value:
    """The amount after all changes; what is taken off lowers the amount whatever its sign."""
    amount = values["amount"]
    parts = [(change, _change(values, change, table[f"__when_{change.number}"])) for change in changes]
    total = sum((value for _, value in parts), start=amount)
    if PART in table.columns:
        alone = [(table[PART] == change.part, amount - amount + value) for change, value in parts if change.at]
        total = ibis.cases(*alone, else_=total) if alone else total
    return (_zeroed(total, table) if to_zero else total).cast(schema.MONEY)


def left_of(values: Mapping[str, ir.Value], table: ir.Table, changes: tuple[Change, ...]) -> ir.Value:
    """The amount after every change that counts, in this row or in a row of its own with its own moment."""
    counts = (_change(values, change, table[f"__ever_{change.number}"]) for change in changes)
    return _zeroed(sum(counts, start=values["amount"]), table)


def _zeroed(total: ir.Value, table: ir.Table) -> ir.Value:
    """The amount, and 0 in rows where nothing of it is left."""
    if "__zero" not in table.columns:
        return total
    return ibis.ifelse(table["__zero"] & total.notnull(), ibis.literal(0).cast(schema.MONEY), total)


def _change(values: Mapping[str, ir.Value], change: Change, when: ir.BooleanValue) -> ir.Value:
    """The sum of a change in the currency of the amount; 0 in rows where it does not count."""
    value = values[f"_change_{change.number}"].fill_null(0)
    if change.per:
        share = values["amount"].cast("float64") / values[f"_per_{change.number}"].cast("float64").nullif(0)
        value = (value.cast("float64") * share).round(2).cast(schema.MONEY).fill_null(0)
    value = -(value if change.rule.get("signed") else value.abs()) if change.sign < 0 else value
    return ibis.ifelse(when, value, ibis.literal(0).cast(schema.MONEY))


def before_refunds(
    values: Mapping[str, ir.Value], table: ir.Table, changes: tuple[Change, ...], left: ir.Value
) -> ir.Value:
    """The amount with what is added and without what is taken off; a refund that is a row of its own as it is."""
    added = tuple(change for change in changes if change.sign > 0)
    total = net(values, table, added, to_zero=False)
    return ibis.ifelse(table[PART] > 0, left, total) if PART in table.columns else total

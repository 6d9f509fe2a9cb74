"""Counts over every row, in one query: rows by rule, by currency, and doubtful rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import ibis.expr.types as ir

from retention_kit.load.dataset import Note
from retention_kit.load.verdicts.refusals import RULE

VANISHED = "vanished "
"""Prefix of the flag for rows whose value in a column was not 0 and is kept as 0."""

_CODE = "__code"
_BACK, _GIVEN = "__back", "__given"
_EMPTY = ("missing_", "unreadable_")
"""Prefixes of the rules on cells that are empty or unreadable."""


@dataclass(frozen=True)
class Tally:
    """Rows by the rule that refused them (None: kept); kept rows by currency, and by the flag that is true for them.

    `lost_refunds` are the negative amounts that a rule on an empty or unreadable cell refused: their number and sum.
    """

    rules: Mapping[str | None, int]
    currencies: Mapping[str | None, int]
    flags: Mapping[str, int]
    lost_refunds: tuple[int, Decimal | float] = (0, 0.0)

    @property
    def read(self) -> int:
        """The number of rows that were read."""
        return sum(self.rules.values())

    @property
    def kept(self) -> int:
        """Rows that no rule refused."""
        return self.rules.get(None, 0)


def tally(
    judged: ir.Table,
    currency: ir.Value | None,
    flags: Mapping[str, ir.BooleanValue],
    amount: ir.NumericValue | None = None,
) -> Tally:
    """Count the rows of a table that has the column `RULE`."""
    judged = judged.mutate(**{_CODE: currency}) if currency is not None else judged
    sums = {name: flag.fill_null(False).sum() for name, flag in flags.items()}
    if amount is not None:
        back = (amount < 0).fill_null(False)
        sums |= {_BACK: back.sum(), _GIVEN: amount.sum(where=back)}
    by = [RULE, _CODE] if currency is not None else [RULE]
    groups = judged.group_by(by).aggregate(rows=judged.count(), **sums).to_pyarrow().to_pylist()
    rules: Counter[str | None] = Counter()
    for group in groups:
        rules[group[RULE]] += group["rows"]
    kept = [group for group in groups if group[RULE] is None]
    kept = sorted(kept, key=lambda group: (-group["rows"], group.get(_CODE) or ""))
    currencies = {group[_CODE]: group["rows"] for group in kept} if currency is not None else {}
    lost = [g for g in groups if g.get(_BACK) and g[RULE] is not None and g[RULE].startswith(_EMPTY)]
    refunds = (sum(group[_BACK] for group in lost), sum(group[_GIVEN] for group in lost))
    return Tally(dict(rules), currencies, {name: sum(group[name] for group in kept) for name in flags}, refunds)


def vanished(counts: Tally) -> tuple[Note, ...]:
    """A warning for each column of money in which amounts that were not 0 are kept as 0."""
    text = "is not 0, but nothing is left of it in the 4 decimals that money has: load it in a smaller unit"
    flags = {name.removeprefix(VANISHED): n for name, n in counts.flags.items() if name.startswith(VANISHED) and n}
    return tuple(Note("below_money", rows, f"rows whose {name} {text}") for name, rows in flags.items())


def lost_refunds(counts: Tally) -> tuple[Note, ...]:
    """Refunds that are refused since they have no customer or no moment."""
    rows, total = counts.lost_refunds
    text = (
        f"refunds ({total:,.2f} in all) are refused for an empty or unreadable cell; what they gave back still counts"
    )
    return (Note("refused_refund", rows, text),) if rows else ()

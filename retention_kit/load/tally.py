"""What a look at every row counted, in one question to the engine: rows by rule, by currency, and what is doubtful."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import ibis.expr.types as ir

from retention_kit.load.refusals import RULE

__all__ = ["Tally", "tally"]

_CODE = "__code"


@dataclass(frozen=True)
class Tally:
    """Rows by the rule that refused them (None: kept); kept rows by currency, and by the flag that is true for them."""

    rules: Mapping[str | None, int]
    currencies: Mapping[str | None, int]
    flags: Mapping[str, int]

    @property
    def read(self) -> int:
        """Rows that were looked at."""
        return sum(self.rules.values())

    @property
    def kept(self) -> int:
        """Rows that no rule refused."""
        return self.rules.get(None, 0)


def tally(judged: ir.Table, currency: ir.Value | None, flags: Mapping[str, ir.BooleanValue]) -> Tally:
    """Count the rows of a table that has the column `RULE`."""
    judged = judged.mutate(**{_CODE: currency}) if currency is not None else judged
    sums = {name: flag.fill_null(False).sum() for name, flag in flags.items()}
    by = [RULE, _CODE] if currency is not None else [RULE]
    groups = judged.group_by(by).aggregate(rows=judged.count(), **sums).to_pyarrow().to_pylist()
    rules: Counter[str | None] = Counter()
    for group in groups:
        rules[group[RULE]] += group["rows"]
    kept = [group for group in groups if group[RULE] is None]
    kept = sorted(kept, key=lambda group: (-group["rows"], group.get(_CODE) or ""))
    currencies = {group[_CODE]: group["rows"] for group in kept} if currency is not None else {}
    return Tally(dict(rules), currencies, {name: sum(group[name] for group in kept) for name in flags})

"""Values that the user gives every row, as in columns={"currency": "=EUR"}, beside columns that say something else."""

from __future__ import annotations

import ibis.expr.types as ir

from retention_kit.errors import DataError, join_faults
from retention_kit.formats import counted
from retention_kit.load.columns.mapping import Match
from retention_kit.load.values.reader import trimmed, written
from retention_kit.load.verdicts.faults import KINDS
from retention_kit.load.verdicts.tally import Tally

_SAYS = {"currency": "^[a-z]{3}$", "kind": f"^({'|'.join(KINDS)})$"}
"""Columns whose wrong value would change the meaning of the numbers, and the form of a cell that contradicts."""

_FLAG = "contradicts "


def contradictions(match: Match, table: ir.Table) -> dict[str, ir.BooleanValue]:
    """For each such value, the rows in which a column of the source says something else."""
    flags = {}
    for name, header in match.overridden.items():
        if name in _SAYS:
            cell = trimmed(written(table[header])).lower()
            flags[_FLAG + name] = cell.re_search(_SAYS[name]) & (cell != match.constants[name].lower())
    return flags


def contradicted(match: Match, counts: Tally) -> None:
    """Raise where rows that count contradict the value that they were given."""
    faults = [
        f"columns says that {name} is {match.constants[name]} in every row, but {match.overridden[name]} says "
        f"something else in {counted(counts.flags[_FLAG + name], 'row that counts', 'rows that count')}; leave {name} "
        "out of columns, or keep the rows of one value"
        for name in match.overridden
        if counts.flags.get(_FLAG + name)
    ]
    if faults:
        raise DataError(join_faults(faults))

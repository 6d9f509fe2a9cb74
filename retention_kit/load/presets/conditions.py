"""Conditions of presets: which rows a rule concerns, in the engine, and which of its headers are not in the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import ibis
import ibis.expr.types as ir

from retention_kit.load.dataset import Note
from retention_kit.load.presets.choosing import Preset, Rule, pick
from retention_kit.load.sources.raw_table import FILE, ROW
from retention_kit.load.values.reader import trimmed, written


@dataclass
class Gaps:
    """Headers that a preset needs and a file lacks: the warnings and the faults of the load.

    A sentence is given once, however many rules need the header.
    """

    preset: Preset
    available: tuple[str, ...]
    warnings: list[Note] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def absent(self, rule: Rule, header: list[str]) -> None:
        """A rule that cannot be applied, since none of these headers is in the file."""
        names = " or ".join(header)
        means = rule.get("means", f"rows that the rule {rule.get('rule', 'of this column')} would refuse count")
        if rule.get("missing") == "ignore":
            return
        if rule.get("missing", "warn") == "refuse":
            text = f"preset {self.preset.name} needs {names}: without it {means}"
            if text not in self.faults:
                self.faults.append(text)
            return
        note = Note("rule_not_applied", 0, f"{names} is not in this {self.preset.name} export: {means}")
        if note not in self.warnings:
            self.warnings.append(note)


def header_of(rule: Rule, available: tuple[str, ...]) -> str | None:
    """The header that a rule examines; None where the file has none of the possible ones."""
    picked = pick(rule["header"], available)
    return None if picked is None else picked.headers[0]


def condition(t: ir.Table, rule: Rule, gaps: Gaps, *, other_than: bool = False) -> ir.BooleanValue | None:
    """The rows that a rule concerns; None, and a gap, where the file lacks a header that it examines.

    Text is compared without regard to case and outer space, and a value is the same with `_`, `-` or a space.
    `when` must be true as well, `unless` must be false.
    With `other_than` the rule names the rows that are not concerned.
    """
    if "empty" in rule:
        there = [pick([h], gaps.available) for h in rule["empty"]]
        missing = [h for h, picked in zip(rule["empty"], there, strict=True) if picked is None]
        if missing:
            gaps.absent(rule, missing)
        headers = [picked.headers[0] for picked in there if picked is not None]
        return ibis.and_(*(_cell(t, header) == "" for header in headers)) if headers else None
    if "newest_by" in rule:
        return _older(t, rule, gaps)
    hits = _simple(t, rule, gaps.available)
    if hits is None:
        gaps.absent(rule, rule["header"])
        return None
    hits = ~hits if other_than else hits
    for extras, expected in ((_several(rule.get("when")), True), (_several(rule.get("unless")), False)):
        for extra in extras:
            other = _simple(t, extra, gaps.available)
            if other is None:
                gaps.absent(rule, extra["header"])
                return None
            hits = hits & other if expected else hits & ~other
    return hits


def _older(t: ir.Table, rule: Rule, gaps: Gaps) -> ir.BooleanValue | None:
    """Rows whose key is also in a newer row: files that are written every day repeat the rows that have changed."""
    headers = (rule["header"], rule["newest_by"])
    key, moment = (header_of({"header": header}, gaps.available) for header in headers)
    if key is None or moment is None:
        gaps.absent(rule, headers[0] if key is None else headers[1])
        return None
    latest = [written(t[moment]).desc(nulls_first=False), *(t[c].desc() for c in (FILE, ROW) if c in t.columns)]
    again = ibis.row_number().over(group_by=_cell(t, key), order_by=latest) > 0
    return again & (_cell(t, key) != "")


def _several(parts: Rule | list[Rule] | None) -> list[Rule]:
    """One condition or several, as a list."""
    if parts is None:
        return []
    return [parts] if isinstance(parts, Mapping) else list(parts)


def _simple(t: ir.Table, rule: Rule, available: tuple[str, ...]) -> ir.BooleanValue | None:
    """A condition on one column; without values or a pattern, that the column is filled."""
    header = header_of(rule, available)
    if header is None:
        return None
    cell = _cell(t, header)
    if "values" in rule:
        values = [_spaced(value.lower()) for value in rule["values"]]
        return _spaced(cell).isin(values + ([""] if rule.get("blank") else []))
    if "pattern" in rule:
        return cell.re_search(rule["pattern"])
    return cell == "" if rule.get("blank") else cell != ""


def _cell(t: ir.Table, header: str) -> ir.StringValue:
    """A column as lower-case text without outer space; empty where it is null."""
    return trimmed(written(t[header]).fill_null("")).lower()


def _spaced(value: Any) -> Any:
    """A state, as a column or a text, with spaces as separators: partially_refunded and Partially-Refunded are the
    same."""
    return value.replace("_", " ").replace("-", " ")

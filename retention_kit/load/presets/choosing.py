"""Which preset fits a source. The presets themselves are data: a file per vendor in the folder presets."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from retention_kit import schema
from retention_kit.errors import ConfigError, DataError
from retention_kit.load.columns.mapping import plain
from retention_kit.load.dataset import Note

Rule = Mapping[str, Any]
"""One rule of a preset, as its file names it."""


@dataclass(frozen=True)
class Preset:
    """An export of a vendor, as a file in the folder presets describes it; the README there names every key."""

    name: str
    table: str
    source: str
    grade: str
    seen: int
    trap: str
    signature: tuple[str, ...]
    columns: dict[str, list[str]] = field(default_factory=dict)
    optional: dict[str, list[str]] = field(default_factory=dict)
    sets: tuple[list[str], ...] = ()
    less: tuple[Rule, ...] = ()
    plus: tuple[Rule, ...] = ()
    zero: tuple[Rule, ...] = ()
    per_month: Mapping[str, list[str]] = field(default_factory=dict)
    other_party: Mapping[str, list[str]] = field(default_factory=dict)
    keep: tuple[Rule, ...] = ()
    drop: tuple[Rule, ...] = ()
    needs: tuple[Rule, ...] = ()
    warn: tuple[Rule, ...] = ()
    once_per: str | None = None
    sum_per: tuple[str, ...] = ()
    zone: tuple[str, ...] = ()
    refund_of: tuple[str, ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)
    header_rows: int = 1
    leading: tuple[str, ...] = ()
    utc: tuple[str, ...] = ()
    month_first: bool = False
    notes: tuple[str, ...] = ()
    warning: str | None = None
    refused: str | None = None
    role: str = "shop"
    beside_others: Mapping[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """The preset that reads a source, if any, and notes on the choice."""

    preset: Preset | None = None
    warnings: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Picked:
    """Headers of a source. Of two, the second is appended ('+') or replaces empty cells of the first ('|')."""

    headers: tuple[str, ...]
    sign: str = "|"

    def __str__(self) -> str:
        return f" {self.sign} ".join(self.headers)


@functools.cache
def all_presets() -> Mapping[str, Preset]:
    """Every preset by its name."""
    files = sorted(Path(__file__).with_name("vendors").glob("*.toml"))
    read = [tomllib.loads(file.read_text(encoding="utf-8")) for file in files]
    return {name: Preset(name, **properties) for vendor in read for name, properties in vendor.items()}


def choose(name: str | None, table: str, available: tuple[str, ...]) -> Choice:
    """The preset of that name for that table; "auto" takes the one whose headers all exist, or none.

    If none fits, but all headers of a preset except one exist, a note says so.
    """
    if name is None or name == "none":
        return Choice()
    if not isinstance(name, str):
        raise ConfigError(f"preset is the name of one, 'auto', or None for none; got {name!r}")
    offered = [p for p in all_presets().values() if p.table == table]
    if name != "auto":
        offered = [p for p in offered if p.name == name or p.name.startswith(f"{name}_")]
        if not offered:
            names = ", ".join(p.name for p in all_presets().values() if p.table == table) or "none"
            raise ConfigError(f"there is no preset {name!r} for {table}; presets for {table} are {names}")
    fitting = [p for p in offered if not _absent(p, available)]
    if fitting:
        return Choice(_readable(max(fitting, key=lambda p: len(p.signature))))
    if name == "auto":
        return Choice(None, tuple(_almost(p, available) for p in offered if _nearly(p, available)))
    usable = [
        p for p in offered if len(offered) == 1 or all(pick(headers, available) for headers in p.columns.values())
    ]
    if not usable:
        lacks = "; ".join(f"{p.name} lacks {', '.join(_absent(p, available))}" for p in offered)
        raise DataError(f"no export of {name} has these headers: {', '.join(available)}; {lacks}")
    best = _readable(min(usable, key=lambda p: len(_absent(p, available))))
    lacks = ", ".join(_absent(best, available))
    text = f"read as preset {best.name}, as was asked for, although it lacks {lacks}, by which it is recognised"
    return Choice(best, (Note("preset_by_name", 0, text),))


def _readable(preset: Preset) -> Preset:
    """The preset; DataError, with advice, for an export that is known and cannot be used."""
    if preset.refused is None:
        return preset
    raise DataError(
        f"this is the export {preset.name}, which cannot be used as {preset.table}: {preset.refused}. "
        "preset=None reads its columns as they are"
    )


def _absent(preset: Preset, available: tuple[str, ...]) -> list[str]:
    """The headers of the signature that the source lacks."""
    return [_shown(h) for h in preset.signature if not pick([h], available)]


def _shown(header: str) -> str:
    """A header or pattern as a message shows it: /^(Date|Datum)$/ is Date or Datum."""
    if not header.startswith("/"):
        return header
    text = header.strip("/").strip("^$").replace("[(]", "(").replace("[)]", ")")
    choices = re.fullmatch(r"[(]([^()]*)[)]", text)
    return (choices[1] if choices else text).replace("|", " or ")


def _nearly(preset: Preset, available: tuple[str, ...]) -> bool:
    """Whether a file is probably this export without one of its columns.

    One header of the signature is missing, at least half of all headers that the preset reads exist, and two or more of
    them are headers that a plain table would not have.
    """
    if len(_absent(preset, available)) != 1:
        return False
    rules = [rule["header"] for rule in (*preset.keep, *preset.drop, *preset.less, *preset.plus) if "header" in rule]
    reads = {tuple(r) for r in (*([h] for h in preset.signature), *preset.columns.values(), *rules)}
    there = {picked.headers[0] for headers in reads if (picked := pick(list(headers), available)) is not None}
    ours = {name for c in schema.TABLES[preset.table].columns for name in (c.name, *c.also)}
    return 2 * sum(pick(list(h), available) is not None for h in reads) >= len(reads) and (
        sum(plain(h) not in ours for h in there) >= 2
    )


def _almost(preset: Preset, available: tuple[str, ...]) -> Note:
    """The warning for a file that nearly fits a preset."""
    rules = ", ".join(dict.fromkeys(rule["rule"] for rule in (*preset.drop, *preset.keep)))
    undone = f"; its rules ({rules}) are not applied" if rules else ""
    undone += "; no refund is taken off" if preset.less or preset.zero else ""
    text = (
        f"this looks like the export {preset.name}, but {', '.join(_absent(preset, available))} is missing, so it is "
        f"read as a plain table{undone}. Export it again with that column, or pass preset='{preset.name}'; "
        "preset=None says that it is another file"
    )
    return Note("nearly_a_preset", 0, text)


def pick(candidates: list[str], available: tuple[str, ...]) -> Picked | None:
    """The first candidate whose headers all exist."""
    by_plain = {plain(h) or h: h for h in reversed(available)}
    for candidate in candidates:
        if candidate.startswith("/"):
            hits = [h for h in available if re.search(candidate.strip("/"), h, re.IGNORECASE)]
            if hits:
                return Picked((hits[0],))
            continue
        parts = re.split(r" [|+] ", candidate)
        there = [h for p in parts if (h := p if p in available else by_plain.get(plain(p) or p))]
        if len(there) == len(parts):
            return Picked(tuple(there), "+" if " + " in candidate else "|")
    return None

"""Which preset fits a source. The presets themselves are data: a file per vendor in the folder presets."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from retention_kit.errors import ConfigError, DataError
from retention_kit.load.mapping import plain

__all__ = ["Picked", "Preset", "choose", "known", "pick"]


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
    columns: Mapping[str, list[str]]
    optional: Mapping[str, list[str]] = field(default_factory=dict)
    less: Mapping[str, list[str]] = field(default_factory=dict)
    per_month: Mapping[str, list[str]] = field(default_factory=dict)
    other_party: Mapping[str, list[str]] = field(default_factory=dict)
    together: Mapping[str, list[str]] = field(default_factory=dict)
    keep: tuple[Mapping, ...] = ()
    drop: tuple[Mapping, ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)
    header_rows: int = 1
    leading: tuple[str, ...] = ()
    month_first: bool = False
    notes: tuple[str, ...] = ()
    warning: str | None = None


@dataclass(frozen=True)
class Picked:
    """Headers of a source; with several, a sign says whether the second follows ('+') or steps in ('|')."""

    headers: tuple[str, ...]
    sign: str = "|"

    def __str__(self) -> str:
        return f" {self.sign} ".join(self.headers)


@functools.cache
def known() -> Mapping[str, Preset]:
    """Every preset by its name."""
    files = sorted(Path(__file__).with_name("presets").glob("*.toml"))
    read = [tomllib.loads(file.read_text(encoding="utf-8")) for file in files]
    return {name: Preset(name, **about) for vendor in read for name, about in vendor.items()}


def choose(name: str | None, table: str, found: tuple[str, ...]) -> Preset | None:
    """The preset of that name for that table; "auto" takes the one whose headers are all there, or none."""
    if name is None or name == "none":
        return None
    if not isinstance(name, str):
        raise ConfigError(f"preset is the name of one, 'auto', or None for none; got {name!r}")
    offered = [p for p in known().values() if p.table == table]
    if name != "auto":
        offered = [p for p in offered if p.name == name or p.name.startswith(f"{name}_")]
    if not offered and name != "auto":
        names = ", ".join(p.name for p in known().values() if p.table == table) or "none"
        raise ConfigError(f"there is no preset {name!r} for {table}; presets for {table} are {names}")
    fitting = [p for p in offered if all(pick([h], found) for h in p.signature)]
    if fitting or name == "auto":
        return max(fitting, key=lambda p: len(p.signature), default=None)
    if len(offered) == 1:
        return offered[0]
    headers = "; ".join(f"{p.name}: {', '.join(p.signature)}" for p in offered)
    raise DataError(f"no export of {name} has these headers: {', '.join(found)}; known are {headers}")


def pick(candidates: list[str], found: tuple[str, ...]) -> Picked | None:
    """The first candidate whose headers are all there."""
    by_plain = {plain(h) or h: h for h in reversed(found)}
    for candidate in candidates:
        if candidate.startswith("/"):
            hits = [h for h in found if re.search(candidate.strip("/"), h, re.IGNORECASE)]
            if hits:
                return Picked((hits[0],))
            continue
        parts = re.split(r" [|+] ", candidate)
        there = [p if p in found else by_plain.get(plain(p) or p) for p in parts]
        if all(there):
            return Picked(tuple(there), "+" if " + " in candidate else "|")
    return None

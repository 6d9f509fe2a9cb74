"""Questions of surveys: which header is the score, where several headers are alike and codes replace texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import ibis.expr.types as ir

from retention_kit import schema
from retention_kit.load.presets.choosing import Preset
from retention_kit.load.sources.raw_table import Raw

_NUMBER = "^ *[0-9]{1,3}([.,][0-9]+)? *($|[-–—:(])"
"""A score, alone or before its words: 10 - Extremely likely."""


def resolved(preset: Preset, raw: Raw) -> Preset:
    """The preset with headers of the source in the place of patterns.

    A pattern is looked for in a header and in the text of the question below it. Of several headers that fit, a column
    of numbers takes the one that holds the most of them: "Would you recommend us, and why?" may precede the
    question of 0 to 10. A header that is one column is not considered for another.
    """
    numeric = {c.name for c in schema.TABLES[preset.table].columns if c.type not in ("string", "timestamp", "date")}
    used: set[str] = set()
    groups = []
    for columns in (preset.columns, preset.optional):
        group = {}
        for name, candidates in columns.items():
            group[name] = _candidates(candidates, raw, used, numbers=name in numeric)
            used |= {h for h in raw.headers if _exactly(h) in group[name][:1]}
        groups.append(group)
    return replace(preset, columns=groups[0], optional=groups[1])


def _candidates(candidates: Sequence[str], raw: Raw, used: set[str], *, numbers: bool) -> list[str]:
    """Candidates with headers in the place of patterns, those with the most numbers first."""
    resolved = []
    for candidate in candidates:
        if not candidate.startswith("/"):
            resolved.append(candidate)
            continue
        pattern = re.compile(candidate.strip("/"), re.IGNORECASE)
        hits = [h for h in raw.headers if h not in used and pattern.search(" ".join((h, *raw.below.get(h, ()))))]
        if numbers and len(hits) > 1:
            counts = _numbers(raw.table, hits)
            hits.sort(key=lambda h: -counts[h])
        resolved += [_exactly(h) for h in hits] or [candidate]
    return resolved


def _exactly(header: str) -> str:
    """A pattern that fits one header alone."""
    return f"/^{re.escape(header)}$/"


def _numbers(table: ir.Table, headers: Sequence[str]) -> dict[str, int]:
    """How many cells of each column begin with a number."""
    counts = {f"n{i}": table[h].cast("string").re_search(_NUMBER).sum() for i, h in enumerate(headers)}
    row = table.aggregate(**counts).to_pyarrow().to_pylist()[0]
    return {h: row[f"n{i}"] or 0 for i, h in enumerate(headers)}

"""Which header of a source is which column of the schema."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from retention_kit import schema
from retention_kit.errors import DataError, join_faults
from retention_kit.load.columns import header_words


@dataclass(frozen=True)
class Match:
    """The header of each column of the schema (or new name of a dimension), constants, and what was assumed.

    `overridden` are the headers that would have been read where the user gives every row the same value.
    """

    headers: Mapping[str, str]
    constants: Mapping[str, str]
    assumptions: tuple[str, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    overridden: Mapping[str, str] = field(default_factory=dict)


def plain(header: str) -> str:
    """A header in small letters with one underscore between words: 'Customer ID ' is customer_id."""
    return re.sub(r"[^0-9a-zß-ỿ一-鿿]+", "_", header.strip().lower()).strip("_")


def match(table: schema.Table, available: tuple[str, ...], columns: Mapping[str, str] | None) -> Match:
    """Find each column of the schema among the headers: as the user says, by its own name, or by a known other name."""
    headers, constants, faults = _as_given(available, columns or {})
    assumptions: list[str] = []
    overridden: dict[str, str] = {}
    for column in table.columns:
        if column.name in headers:
            continue
        free = [h for h in available if h not in headers.values()]
        candidates = _candidates(table, column, free)
        if column.name in constants:
            overridden |= {column.name: candidates[0]} if candidates else {}
            continue
        if candidates:
            headers[column.name] = candidates[0]
        if candidates and candidates[0] != column.name:
            others = f" (also possible: {', '.join(candidates[1:])})" if candidates[1:] else ""
            assumptions.append(f"column '{candidates[0]}' read as {column.name}{others}")
        if candidates and (again := _repeated(candidates[0], available)):
            names = ", ".join(map(repr, again))
            assumptions.append(f"the first of several columns '{candidates[0]}' read as {column.name}, not {names}")
    faults += _missing(table, available, headers | constants)
    if faults:
        message = join_faults(faults)
        raise DataError(message if "Found: " in message else f"{message}. Found: {', '.join(available)}")
    return Match(headers, constants, tuple(assumptions), overridden=overridden)


def _as_given(
    available: tuple[str, ...], columns: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """Split columns={...} into headers and constants ('=nps'); a header that the source lacks is a fault."""
    headers, constants, faults = {}, {}, []
    for name, header in columns.items():
        if not isinstance(header, str):
            faults.append(f"columns must map names to headers, both text; came {name!r}: {header!r}")
        elif header in available or header.startswith("__"):
            headers[name] = header
        elif header.startswith("="):
            constants[name] = header[1:].strip()
        else:
            alike = [h for h in available if plain(h) == plain(header)]
            hint = f"; did you mean {alike[0]!r}?" if alike else ""
            faults.append(f"columns says {name!r} is {header!r}, which is not one of the headers{hint}")
    for header in {h for h in headers.values() if list(headers.values()).count(h) > 1}:
        names = ", ".join(n for n, h in headers.items() if h == header)
        faults.append(f"columns uses {header!r} for several columns ({names}); name each header once")
    return headers, constants, faults


def _candidates(table: schema.Table, column: schema.Column, free: list[str]) -> list[str]:
    """The free headers that mean this column, the best first: its own name, other names, words of seven languages."""
    exact = [h for h in free if h == column.name]
    by_name = {name: [h for h in free if plain(h) == name] for name in (column.name, *column.also)}
    in_words: dict[str, list[str]] = {name: [] for name in header_words.names(table.name, column.name)}
    for header in free:
        for text in {header_words.folded(header): None, header_words.folded(header, unit=False): None}:
            if text in in_words:
                in_words[text].append(header)
    named = [*by_name.values(), *in_words.values()]
    return list(dict.fromkeys(exact + [h for headers in named for h in headers]))


def _repeated(header: str, available: tuple[str, ...]) -> list[str]:
    """Columns whose headers differ only in capitals; they carry a number that distinguishes them."""
    return [h for h in available if re.fullmatch(re.escape(header) + r"_\d+", h, re.IGNORECASE)]


def _missing(table: schema.Table, available: tuple[str, ...], have: Mapping[str, str]) -> list[str]:
    """One sentence on the required columns that have no header."""
    missing = [c for c in table.required if c not in have]
    if not missing:
        return []
    example = ", ".join(f'"{c}": "<its header>"' for c in missing)
    what = table.name.replace("_", " ").capitalize()
    advice = (
        "; or run retention-kit init on the file, which finds them by their content" if table.name == "orders" else ""
    )
    return [
        f"{what} need the columns {', '.join(table.required)}; missing: {', '.join(missing)}. "
        f"Found: {', '.join(available) or 'none'}. Pass columns={{{example}}}{advice}"
    ]

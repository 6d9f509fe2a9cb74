"""What the columns of a source tell of each other before they are read, and the headers that messages on them name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from retention_kit import schema
from retention_kit.errors import DataError
from retention_kit.load.amounts import TextNumberReader
from retention_kit.load.mapping import Match
from retention_kit.load.reading import Reader

__all__ = ["one_way", "settled_reader"]


def one_way(seen: Mapping[str, dict[str, Any]], readers: Mapping[str, Reader]) -> dict[str, dict[str, Any]]:
    """What was seen of amounts that alone could be read in two ways: a source writes all its amounts in one."""
    money = [n for n, r in readers.items() if isinstance(r, TextNumberReader) and r.type == schema.MONEY and n in seen]
    signs = {sign for name in money for sign in ("point", "comma") if seen[name][sign]}
    if len(signs) != 1:
        return {}
    return {name: {**seen[name], **dict.fromkeys(signs, True)} for name in money if seen[name]["either"]}


def settled_reader(reader: Reader, seen: Mapping[str, Any], match: Match) -> Reader:
    """A reader that knows its column; what it says of a helper of a preset names the header, not the helper."""
    if not reader.name.startswith("_"):
        return reader.settle(seen)
    header = match.headers.get(reader.name, reader.name)
    label = f"{match.labels.get(header, header)}:"
    try:
        settled = reader.settle(seen)
    except DataError as fault:
        raise DataError(str(fault).replace(f"{reader.name}:", label)) from None
    return replace(settled, assumptions=tuple(n.replace(f"{reader.name}:", label) for n in settled.assumptions))

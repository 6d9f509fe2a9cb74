"""Types of the configuration's values, with checks and names in words."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

LARGEST: Final = 1e300
"""Larger numbers are treated as infinite."""

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "title": (str,),
    "columns": (Mapping,),
    "timezone": (str, type(None)),
    "currency": (str, type(None)),
    "language": (str,),
    "notebooks": (str, Path, list, tuple, type(None)),
    "only": (list, tuple),
    "output": (str, Path),
    "parameters": (Mapping,),
    "cell_timeout": (int, float),
    "split_by": (str, type(None)),
    "targets": (list, tuple),
    "alerts": (list, tuple),
    "actions": (Mapping,),
    "pdf": (bool,),
    "single_file": (bool,),
    "hash_ids": (bool,),
    "customer_ids": (str,),
    "salt": (str, type(None)),
    "audience": (str,),
    "paper": (str,),
    "list_rows": (int,),
    "customer_pages": (int,),
    "leave_in_place": (bool,),
}
_ITEMS: Final[dict[str, tuple[type, ...]]] = {
    "notebooks": (str, Path),
    "only": (str,),
    "targets": (Mapping,),
    "alerts": (Mapping,),
}
"""Types of the items of a list."""
_WORDS: Final = {
    "str": "text",
    "bool": "true or false",
    "int": "a number",
    "float": "a number",
    "list": "a list",
    "tuple": "a list",
    "Mapping": "a table",
    "Path": "a path",
    "date": "a date",
}


def fault(name: str, value: Any) -> str | None:
    """The fault in the type of one value of the configuration; None if there is none.

    Examples
    --------
    >>> fault("only", ["cohorts", 3]), fault("title", "Shop")
    ('each item of only must be text, got 3', None)
    """
    types = _TYPES.get(name)
    if types is None:
        return None
    for key, item in value.items() if isinstance(value, Mapping) else [("", value)]:
        if (number := too_large(item)) is not None:
            return f"{name}{key and '.'}{key} has a whole number beyond 64 bits: {number}"
    if not _is_a(value, types):
        return f"{name} must be {_names_of(types)}, got {value!r}"
    wrong = [item for item in value if not _is_a(item, _ITEMS[name])] if isinstance(value, (list, tuple)) else []
    return f"each item of {name} must be {_names_of(_ITEMS[name])}, got {wrong[0]!r}" if wrong else None


def list_faults(name: str, items: Any, faults: Callable[[Mapping[str, Any]], list[str]]) -> list[str]:
    """The faults of each table in a list of tables, with its number; the type of the list is checked elsewhere.

    Examples
    --------
    >>> list_faults("alerts", [{}, {"metric": "nps"}], lambda item: [] if item else ["metric is missing"])
    ['alerts 1: metric is missing']
    """
    items = items if isinstance(items, (list, tuple)) else []
    return [
        f"{name} {number}: {text}"
        for number, item in enumerate(items, start=1)
        if isinstance(item, Mapping)
        for text in faults(item)
    ]


def item_faults(
    item: Mapping[str, Any], types_of_keys: Mapping[str, tuple[type, ...]], needed: Sequence[str]
) -> list[str]:
    """The faults in the keys and types of one table in a list of tables.

    Examples
    --------
    >>> item_faults({"metrik": "nps"}, {"metric": (str,)}, needed=["metric"])
    ['unknown key metrik, did you mean metric?', 'metric is missing']
    """
    faults = [f"unknown key {key}, {closest(str(key), types_of_keys)}" for key in item if key not in types_of_keys]
    for key, types in types_of_keys.items():
        if key in item and not _is_a(item[key], types):
            faults.append(f"{key} must be {_names_of(types)}, got {item[key]!r}")
    return faults + [f"{key} is missing" for key in needed if key not in item]


def _is_a(value: Any, types: tuple[type, ...]) -> bool:
    """Whether a value has one of the types; true and false are not numbers."""
    return isinstance(value, types) and (bool in types or not isinstance(value, bool))


def _names_of(types: tuple[type, ...]) -> str:
    return " or ".join(dict.fromkeys(_WORDS[t.__name__] for t in types if t is not type(None)))


def too_large(value: Any) -> str | None:
    """The first integer in a plain value that no engine can store, for a message; None if there is none.

    Examples
    --------
    >>> too_large({"days": [90, 2**63]}), too_large([2**63 - 1, -(2**63), 1e300])
    ('9223372036854775808', None)
    """
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return next((number for item in value if (number := too_large(item)) is not None), None)
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return str(value) if abs(value) < 10**40 else f"one of {value.bit_length():,} bits"
    return None


def closest(name: str, names: Iterable[str]) -> str:
    """``did you mean x?`` if a known name is similar, otherwise the list of known names.

    Examples
    --------
    >>> closest("mounths", ["months", "orders"])
    'did you mean months?'
    """
    names = sorted(names)
    near = difflib.get_close_matches(name, names, n=1)
    return f"did you mean {near[0]}?" if near else f"known: {', '.join(names) or 'none'}."

"""Parameters of notebooks: read from their cell, checked against its defaults, written as plain values."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from retention_kit.errors import ConfigError
from retention_kit.report.settings.value_types import too_large

UNKNOWN: Final = object()
"""Default of a parameter whose value is computed, so that its type is not known before the run."""

_PYTHON: Final = {"None": None, "True": True, "False": False}
"""Constants that JSON spells differently; papermill's own -p reads them in the same way."""

_TRUTH: Final = {"true": True, "yes": True, "false": False, "no": False}


def defaults(source: str) -> dict[str, Any]:
    """Names and default values that a parameters cell assigns; the cell is not run.

    Examples
    --------
    >>> defaults("orders = 'cdnow'  # where from\\nmonths: int = 12\\n")
    {'orders': 'cdnow', 'months': 12}
    """
    assigned: dict[str, Any] = {}
    for statement in ast.parse(source).body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        value = getattr(statement, "value", None)
        assigned |= {t.id: _literal(value) for t in targets if isinstance(t, ast.Name) and value is not None}
    return assigned


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return UNKNOWN


def from_text(name: str, text: str, default: Any) -> Any:
    """Value of a parameter that is given as text; it is read by the type of its default and never run as code.

    A plain value: text, number, truth value, or list and mapping written as JSON.

    Examples
    --------
    >>> from_text("months", "1_000", 3), from_text("code", "007", "001"), from_text("log", "no", True)
    (1000, '007', False)
    >>> from_text("limit", "None", None) is None
    True
    """
    if isinstance(default, str):
        return text
    try:
        if isinstance(default, bool):
            return _TRUTH[text.lower()]
        if isinstance(default, (int, float)):
            return type(default)(text) if not isinstance(default, int) else _as_number(text)
        return json.loads(text)
    except (KeyError, ValueError):
        if default is None or default is UNKNOWN:
            return _PYTHON.get(text, text)
        raise ConfigError(f"Parameter {name} must be {_kind(default)}; got {text!r}.") from None


def _as_number(text: str) -> int | float:
    """A whole number as int, also when written 1_000; any other number as float."""
    try:
        return int(text)
    except ValueError:
        return float(text)


def check(name: str, value: Any, default: Any) -> Any:
    """The value as a plain JSON type that fits the default, or a ConfigError.

    Examples
    --------
    >>> from datetime import date
    >>> check("since", date(1997, 1, 1), "1996-01-01")
    '1997-01-01'
    >>> check("months", 12.0, 6)
    12
    """
    value = value.isoformat() if isinstance(value, date) else value
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        raise ConfigError(f"Parameter {name} must be a plain value (text, number, list); got {value!r}.") from None
    if (number := too_large(value)) is not None:
        raise ConfigError(f"Parameter {name} has a whole number beyond 64 bits: {number}.")
    if not _fits(value, default):
        raise ConfigError(f"Parameter {name} must be {_kind(default)}; got {value!r}.")
    is_whole = isinstance(default, int) and isinstance(value, float) and value.is_integer()
    return int(value) if is_whole else value


def _fits(value: Any, default: Any) -> bool:
    if default is None or default is UNKNOWN:
        return True
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(default, bool)
    for types in ((str,), (list, tuple), (Mapping,)):
        if isinstance(default, types):
            return isinstance(value, types)
    # a whole number may be given for a default like 0.1, and 0.5 for a default like 1: both are numbers
    return isinstance(value, (int, float))


def _kind(default: Any) -> str:
    names = {str: "text", bool: "true or false", list: "a list", tuple: "a list", dict: "a mapping"}
    return f"{names.get(type(default), 'a number')} like {default!r}"

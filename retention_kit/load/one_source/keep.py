"""The rows that the user keeps: `keep={"Status": ["completed"]}` refuses every other row."""

from __future__ import annotations

import datetime as dt
import numbers
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import ibis.expr.types as ir

from retention_kit.errors import ConfigError, DataError, join_faults
from retention_kit.load.columns.mapping import plain
from retention_kit.load.dataset import Note
from retention_kit.load.presets.applying import Prepared
from retention_kit.load.values.reader import EMPTY, compared, quoted

NOT_KEPT: Final = "not_kept"
"""The rule that refuses a row whose value is not among those to keep."""

_SHOWN: Final = 10
"""The largest number of values that a message names."""


def keep_faults(keep: Any, name: str = "keep") -> list[str]:
    """What is wrong with a request to keep rows, before any row is read.

    Examples
    --------
    >>> keep_faults({"Status": ["completed"]}), keep_faults({"Status": "completed", "test": False})
    ([], [])
    >>> keep_faults({"Status": []})
    ["keep names no value for 'Status'; give those of the rows that count, as in {'Status': ['completed']}"]
    """
    if not isinstance(keep, Mapping):
        return [f"{name} maps a header to the values to keep, as in {{'Status': ['completed']}}; got {keep!r}"]
    faults = []
    for header, values in keep.items():
        listed = _listed(values)
        if not isinstance(header, str) or not all(_is_plain(value) for value in listed):
            faults.append(f"{name} maps headers to texts, numbers, true or false; got {header!r}: {values!r}")
        elif not listed:
            faults.append(
                f"{name} names no value for {header!r}; give those of the rows that count, as in "
                f"{{{header!r}: ['completed']}}"
            )
    return faults


def kept_only(prepared: Prepared, keep: Mapping[str, Any] | None) -> Prepared:
    """The opened source with a rule for each header of `keep`; an error names the values that do occur."""
    if keep is None:
        return prepared
    if faults := keep_faults(keep):
        raise ConfigError(join_faults(faults))
    table, headers = prepared.raw.table, prepared.raw.headers
    faults = [_no_such_header(header, headers) for header in keep if header not in headers]
    kept_values = {header: [_written(value) for value in _listed(keep[header])] for header in keep if header in headers}
    cells = {header: compared(table[header]) for header in kept_values}
    seen = _occur(table, cells, kept_values)
    absent = {header: [v for v in values if not seen[header, v]] for header, values in kept_values.items()}
    unmet = {
        header: f"keep: {header} is never {_named(values)}; its values are {_values(table, cells[header])}"
        for header, values in absent.items()
        if values
    }
    faults += [text_ for header, text_ in unmet.items() if len(absent[header]) == len(kept_values[header])]
    if faults:
        raise DataError(join_faults(faults))
    rules = tuple(
        {
            "rule": NOT_KEPT,
            "header": header,
            "reason": f"{{header}} is {{value}}, and only rows with {_braced(_named(values))} are kept",
            "when": ~cells[header].isin(values),
        }
        for header, values in kept_values.items()
    )
    first = len(prepared.rules)
    added = {f"__rule_{first + i}": rule["when"] for i, rule in enumerate(rules)}
    note = "; ".join(f"{header} is {_named(values)}" for header, values in kept_values.items())
    return replace(
        prepared,
        raw=replace(prepared.raw, table=table.mutate(**added)) if added else prepared.raw,
        rules=(*prepared.rules, *rules),
        notes=(*prepared.notes, f"only rows are kept whose {note}") if added else prepared.notes,
        warnings=(*prepared.warnings, *(Note("keep_never_met", 0, text_) for text_ in unmet.values())),
    )


def _listed(values: Any) -> list[Any]:
    """One value, or several."""
    if isinstance(values, Sequence | set | frozenset) and not isinstance(values, str | bytes):
        return list(values)
    return [values]


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | numbers.Real | dt.date)


def _written(value: Any) -> str:
    """A value as it is compared: true, 1, completed; None is an empty cell."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    written = str(value).strip().lower()
    return "" if written in EMPTY else written


def _no_such_header(header: str, headers: tuple[str, ...]) -> str:
    """A sentence on a header that the source lacks."""
    alike = [h for h in headers if plain(h) == plain(header)]
    hint = f"; did you mean {alike[0]!r}?" if alike else f". Found: {', '.join(headers)}"
    return f"keep names {header!r}, which is not one of the headers{hint}"


def _occur(
    table: ir.Table, cells: Mapping[str, ir.StringValue], kept_values: Mapping[str, list[str]]
) -> dict[tuple[str, str], bool]:
    """Which of the values to keep occur: one query for all headers."""
    pairs = [(header, value) for header, values in kept_values.items() for value in values]
    ask = {f"q{i}": (cells[header] == value).any() for i, (header, value) in enumerate(pairs)}
    answer = table.aggregate(**ask).to_pyarrow().to_pylist()[0] if ask else {}
    return {pair: bool(answer[f"q{i}"]) for i, pair in enumerate(pairs)}


def _values(table: ir.Table, cell: ir.StringValue) -> str:
    """The most frequent values of a column, for a message."""
    counted = table.select(value=cell).group_by("value").aggregate(rows=lambda t: t.count())
    rows = counted.order_by([counted.rows.desc(), counted.value]).limit(_SHOWN).to_pyarrow().to_pylist()
    return _named([row["value"] for row in rows])


def _named(values: Sequence[str]) -> str:
    """Values for a sentence, the long ones shortened."""
    shown = [quoted(value) if value else "empty" for value in values[:_SHOWN]]
    return ", ".join(shown) + (" …" if len(values) > _SHOWN else "")


def _braced(text_: str) -> str:
    """A text that `str.format` leaves as it is."""
    return text_.replace("{", "{{").replace("}", "}}")

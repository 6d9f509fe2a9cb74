"""Allowed values of the standard notebooks' parameters, checked before a notebook runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from retention_kit.arguments import Arguments, described
from retention_kit.errors import ConfigError
from retention_kit.load.dataset import rows_in
from retention_kit.report.inputs.workspace import Workspace
from retention_kit.report.notebooks.parameters import UNKNOWN
from retention_kit.report.settings.config import SEGMENT_MAPS
from retention_kit.report.settings.months import last_day, named
from retention_kit.report.settings.value_types import closest
from retention_kit.schema import TABLES
from retention_kit.summarise.answers.survey_answers import SCALES

MODELS: Final = ("BGNBD", "MBGNBD", "ParetoNBD")
"""Models of purchases that a page can use."""
CENTURY: Final = 1200
"""Longest horizon in months; a longer one has no meaning."""
_PERIODS: Final = ("day", "week", "month", "quarter", "year")

_Check = Callable[[Arguments, str, Any], Any]


def _whole_number(least: int, most: int) -> _Check:
    return lambda check, name, value: check.whole(name, value, least=least, most=most)


def _number(*, above: float | None = None, least: float | None = None, most: float) -> _Check:
    return lambda check, name, value: check.number(name, value, above=above, least=least, most=most)


def _choice(*options: str) -> _Check:
    return lambda check, name, value: check.choice(name, value, options)


def _names(check: Arguments, name: str, value: Any) -> None:
    texts = isinstance(value, list | tuple) and all(isinstance(item, str) and item for item in value)
    check.fault(f"{name} must be a list of one name or more; got {described(value)}", when=not (texts and value))
    twice = dict.fromkeys(item for item in value if texts and value.count(item) > 1)
    check.fault(f"{name} has {' and '.join(twice)} twice", when=bool(twice))


def _models(check: Arguments, name: str, value: Any) -> None:
    _names(check, name, value)
    for item in value:
        if isinstance(item, str) and item not in MODELS:
            check.fault(f"{name} has {item!r}, {closest(item, MODELS)}")


def _day(check: Arguments, name: str, value: Any) -> None:
    try:
        dt.date.fromisoformat(value or "2000-01-01")
    except ValueError:
        check.fault(f"{name} must be empty or a day like 2026-04-30; got {described(value)}")


def _months_by_plan(check: Arguments, name: str, value: Any) -> None:
    for plan, months in value.items():
        check.whole(f"{name} of {plan}", months, least=1, most=CENTURY)


def _map_or_file(check: Arguments, name: str, value: Any) -> None:
    if value not in SEGMENT_MAPS and not Path(value).is_file():
        check.fault(
            f"{name} must be one of {', '.join(SEGMENT_MAPS)}, or a CSV file; there is no file {described(value)}"
        )


DOMAINS: Final[Mapping[str, _Check]] = {
    "lapse_after": _whole_number(1, 36_500),
    "period": _choice(*_PERIODS),
    "counting": _choice("on", "on_or_after"),
    "min_size": _whole_number(0, 10**9),
    "compare_to": _day,
    "groups": _whole_number(2, 10),
    "segment_map": _map_or_file,
    "best_segments": _names,
    "model": _choice("auto", *MODELS),
    "candidates": _models,
    "months": _number(above=0, most=CENTURY),
    "months_ahead": _number(above=0, most=CENTURY),
    "annual_discount_rate": _number(least=0, most=1e6),
    "margin": _number(above=0, most=1),
    "quiet_below": _number(above=0, most=1),
    "cac": _number(least=0, most=1e12),
    "unit": _choice("day", "week", "month", "year"),
    "grain": _choice(*_PERIODS),
    "holdout_months": _whole_number(1, CENTURY),
    "draws": _whole_number(10, 10_000),
    "kind": _choice(*SCALES),
    "minimum_n": _whole_number(0, 10**9),
    "follow": _whole_number(1, CENTURY),
    "billing_months": _months_by_plan,
}
"""For each parameter the check of a value, whose type has been checked before."""


def faults(chosen: Mapping[str, Any], defaults: Mapping[str, Any], months: Sequence[str] = ()) -> list[str]:
    """All faults of the values of one notebook with standard parameters.

    `defaults` are the values that the notebook assigns, for parameters that are checked together.

    Examples
    --------
    >>> faults({"lapse_after": 0, "margin": 25}, {})
    ['lapse_after must be a whole number, 1 or more and at most 36500; got 0', \
    'margin must be a number above 0 and at most 1; got 25']
    >>> faults({"groups": 3}, {"groups": 5, "segment_map": "ten_segments"})
    ['segment_map ten_segments is for scores from 1 to 5; for groups = 3 give a segment_map of your own']
    """
    check, sound = Arguments(), dict(chosen)
    for name in sorted(chosen.keys() & DOMAINS.keys()):
        before = len(check.faults)
        DOMAINS[name](check, name, chosen[name])
        if len(check.faults) > before:
            sound[name] = UNKNOWN
    values = {name: value for name, value in {**defaults, **sound}.items() if value is not UNKNOWN}
    if day := values.get("compare_to"):
        late = [month for month in months if last_day(month) <= dt.date.fromisoformat(day)]
        check.fault(f"compare_to must be before the end of the month; {day} is not for {named(late)}", when=bool(late))
    if chosen.keys() & {"groups", "segment_map", "best_segments"} and {"groups", "segment_map"} <= values.keys():
        _segments(check, chosen, values)
    if chosen.keys() & {"kind", "scale"} and values.get("kind") in SCALES and values.get("scale") is not None:
        allowed = SCALES[values["kind"]]
        check.fault(
            f"scale must be {_either(allowed)} for {values['kind']}; got {described(values['scale'])}",
            when=isinstance(values["scale"], bool) or values["scale"] not in allowed,
        )
    return check.faults


def located(given: Mapping[str, Any]) -> dict[str, Any]:
    """The same values with absolute paths, since the working directory of a kernel is the folder of its notebook.

    Examples
    --------
    >>> located({"segment_map": "ten_segments", "groups": 5})
    {'segment_map': 'ten_segments', 'groups': 5}
    """
    file = segment_file(given)
    return {**given, "segment_map": str(file.absolute())} if file else dict(given)


def segment_file(given: Mapping[str, Any]) -> Path | None:
    """The file of segments, if the parameters name one."""
    source = given.get("segment_map")
    return Path(source) if isinstance(source, str) and source not in SEGMENT_MAPS and Path(source).is_file() else None


def _segments(check: Arguments, chosen: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Check that the map is for this number of groups and has the named segments."""
    groups, source = values["groups"], values["segment_map"]
    if source in SEGMENT_MAPS and groups != SEGMENT_MAPS[source]:
        rule = f"{source} is for scores from 1 to {SEGMENT_MAPS[source]}"
        check.fault(f"segment_map {rule}; for groups = {groups} give a segment_map of your own")
        return
    import pandas as pd

    from retention_kit.models import rfm  # takes a second to import, and only reports with their own segments need it

    try:
        segments = (
            getattr(rfm, source)
            if source in SEGMENT_MAPS
            else rfm.SegmentMap.from_table(pd.read_csv(source), groups=groups)
        ).segments
    except (ConfigError, OSError, ValueError) as fault:
        check.fault(f"segment_map {source} cannot be used: {str(fault).rstrip('.')}")
        return
    for name in values["best_segments"] if "best_segments" in chosen and "best_segments" in values else ():
        check.fault(f"best_segments has {name!r}, {closest(name, segments).rstrip('.')}", when=name not in segments)


def _either(numbers: Iterable[int]) -> str:
    *first, last = map(str, numbers)
    return f"{', '.join(first)} or {last}" if first else last


def refuse_unknown_dimension(dimension: Any, tables: Iterable[str], data: Workspace) -> None:
    """Raise, with the available columns, if none of these tables has the column by which the pages are to compare."""
    if not dimension:
        return
    columns_of = {name: _dimensions(name, data) for name in tables if name in data.facts}
    if columns_of and not any(dimension in dimensions for dimensions in columns_of.values()):
        have = "; ".join(f"{name}: {', '.join(dimensions) or 'none'}" for name, dimensions in columns_of.items())
        raise ConfigError(f"No page can compare by dimension {dimension!r}; columns to compare by: {have}.")


def _dimensions(name: str, data: Workspace) -> list[str]:
    """Columns that divide rows into kinds: further columns of the source, and columns of ours that are not keys."""
    table = TABLES[name]
    columns = rows_in(data.folder, name).columns
    return [column for column in columns if _says_a_kind(table.column(column))]


def _says_a_kind(column: Any) -> bool:
    if column is None:
        return True
    kinds = column.type in ("string", "int64") and not column.required
    return kinds and not column.name.endswith("_id") and column.name != "comment"

"""What a report is made from: one frozen object, from keyword arguments or from report.toml."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any, Final

from retention_kit.errors import ConfigError, join_faults
from retention_kit.schema import TABLES

__all__ = ["Config", "Source", "last_day", "month_range", "parse_month"]

COMPANIONS: Final = {
    "cdnow": {"surveys": "cdnow_surveys"},
    "store": {name: "store" for name in TABLES if name != "orders"},
}
"""Samples whose other tables belong to the orders of that name."""


@dataclass(frozen=True)
class Source:
    """Where one table comes from, as the user wrote it.

    Parameters
    ----------
    where : str, Path or DataFrame
        Sample name, path, folder, URL, or ``env:NAME`` for a URL kept in an environment variable.
    columns : mapping, optional
        Our column name to the source's header.
    preset : str, optional
        Name of a known export ("shopify" …).
    """

    where: Any
    columns: Mapping[str, str] = field(default_factory=dict)
    preset: str | None = None


@dataclass(frozen=True, kw_only=True)
class Config:
    """A report as the user wants it: sources, pages, parameters and where to put them.

    Parameters
    ----------
    title : str
        Heading of every page.
    orders, order_lines, subscriptions, surveys, visits : Source, str, Path or DataFrame, optional
        The tables. Samples bring the tables that belong to them.
    columns : mapping, optional
        Shorthand for the column names of the orders.
    timezone, currency : str, optional
        Business time zone and ISO 4217 code, handed to `retention_kit.load`.
    language : str
        Language code of the pages.
    notebooks : Path, optional
        Folder of the notebooks; without it the ones that come with the package.
    only : sequence of str
        Names of the notebooks to run, with or without number: ``("cohorts",)``.
    output : Path
        Folder of the reports; each month is a folder in it.
    parameters : mapping
        Values for the notebooks' parameters.
    cell_timeout : float
        Seconds that one cell may take.

    Raises
    ------
    ConfigError
        Where a value has the wrong type; all faults at once.

    Examples
    --------
    >>> config = Config(title="Shop", orders="cdnow")
    >>> sorted(config.sources)
    ['orders', 'surveys']
    >>> config.sources["surveys"].where
    'cdnow_surveys'
    """

    title: str = "Customer retention"
    orders: Any = "cdnow"
    order_lines: Any = None
    subscriptions: Any = None
    surveys: Any = None
    visits: Any = None
    columns: Mapping[str, str] = field(default_factory=dict)
    timezone: str | None = None
    currency: str | None = None
    language: str = "en"
    notebooks: Path | None = None
    only: Sequence[str] = ()
    output: Path = Path("reports")
    parameters: Mapping[str, Any] = field(default_factory=dict)
    cell_timeout: float = 600.0

    def __post_init__(self) -> None:
        faults = [fault for item in fields(self) if (fault := _type_fault(item.name, getattr(self, item.name)))]
        if faults:
            raise ConfigError(join_faults(faults))
        object.__setattr__(self, "output", Path(self.output))
        object.__setattr__(self, "notebooks", None if self.notebooks is None else Path(self.notebooks))

    @property
    def sources(self) -> dict[str, Source]:
        """Every table that is read, by name."""
        given = {name: getattr(self, name) for name in TABLES}
        companions = COMPANIONS.get(self._orders_name, {})
        chosen = {name: companions.get(name) if value is None else value for name, value in given.items()}
        return {name: self._source(name, value) for name, value in chosen.items() if value is not None}

    @property
    def _orders_name(self) -> str:
        where = self.orders.where if isinstance(self.orders, Source) else self.orders
        return where if isinstance(where, str) else ""

    def _source(self, name: str, value: Any) -> Source:
        if isinstance(value, Source):
            return value
        return Source(value, self.columns if name == "orders" else {})


_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "title": (str,),
    "columns": (Mapping,),
    "timezone": (str, type(None)),
    "currency": (str, type(None)),
    "language": (str,),
    "notebooks": (str, Path, type(None)),
    "only": (list, tuple),
    "output": (str, Path),
    "parameters": (Mapping,),
    "cell_timeout": (int, float),
}


def _type_fault(name: str, value: Any) -> str | None:
    types = _TYPES.get(name)
    if types is None or isinstance(value, types):
        return None
    wanted = " or ".join(t.__name__ for t in types if t is not type(None))
    return f"{name} must be {wanted}, got {value!r}"


def parse_month(text: str) -> str:
    """The month as ``YYYY-MM``, or a ConfigError that says what a month looks like.

    Examples
    --------
    >>> parse_month("1998-06")
    '1998-06'
    """
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", str(text), flags=re.ASCII):
        raise ConfigError(f"A month is written YYYY-MM, as in 1998-06; got {text!r}.")
    return str(text)


def last_day(month: str) -> date:
    """Last day of a month ``YYYY-MM``.

    Examples
    --------
    >>> last_day("2024-02").isoformat()
    '2024-02-29'
    """
    year, number = (int(part) for part in parse_month(month).split("-"))
    return date(year, number, calendar.monthrange(year, number)[1])


def month_range(first: str, last: str) -> tuple[str, ...]:
    """All months from the first to the last, both included.

    Parameters
    ----------
    first, last : str
        ``"YYYY-MM"``.

    Returns
    -------
    tuple of str
        In order.

    Raises
    ------
    ConfigError
        The range runs backwards, or a month is not written so.

    Examples
    --------
    >>> month_range("1997-11", "1998-02")
    ('1997-11', '1997-12', '1998-01', '1998-02')
    """
    start, end = (last_day(month) for month in (first, last))
    if start > end:
        raise ConfigError(f"The range of months runs backwards: {first} to {last}.")
    numbers = range(start.year * 12 + start.month - 1, end.year * 12 + end.month)
    return tuple(f"{n // 12:04d}-{n % 12 + 1:02d}" for n in numbers)

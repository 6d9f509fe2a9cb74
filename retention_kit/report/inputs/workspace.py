"""Sources read and validated once per run, kept in a private folder that every notebook reads from."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import duckdb
import pandas as pd

from retention_kit import load
from retention_kit.errors import ConfigError, DataError, NoRowsError, RetentionKitWarning, SourcesError
from retention_kit.load import shared_answers
from retention_kit.load.dataset import rows_in
from retention_kit.load.sources import snapshots
from retention_kit.load.sources.engine import of_the_system
from retention_kit.report.inputs import customer_ids, in_place
from retention_kit.report.inputs.same_customers import with_meeting
from retention_kit.report.settings import redaction
from retention_kit.report.settings.config import OF_THE_REPORT, Config, Source
from retention_kit.report.settings.months import last_day, named
from retention_kit.report.settings.source_names import published, short
from retention_kit.summarise.answers.survey_answers import SCALES
from retention_kit.summarise.common.end_of_log import end_of_log, gaps_before, remarkable

_MOMENTS: Final = {"surveys": "answered_at", "visits": "day"}
"""The column with the moment of a row, for tables whose rows have one."""
_GOES_ON: Final = pd.DateOffset(years=1)
"""How long after the last event subscriptions without an end are assumed to continue."""
_WEEK: Final = 7
"""A month whose data end this many days or more before it does is not over: its other days are not silence."""


@dataclass(frozen=True)
class Workspace:
    """The run's validated data.

    Parameters
    ----------
    folder : Path
        Private folder with one Parquet file per table; it is removed after the run.
    facts : mapping of table name to load.Source
        Facts about each table that was read.
    first, last : date
        First and last day of the data: of the orders if there are any, otherwise of all tables.
    months : frozenset of str
        Months that can be reported, as ``"YYYY-MM"``: months with orders, or, in a report without orders, with answers,
        visits or subscriptions.
    begins : mapping of table name to date
        First day of the answers, visits and paid subscriptions; None for tables without any.
    """

    folder: Path
    facts: Mapping[str, Any]
    first: date
    last: date
    months: frozenset[str] = frozenset()
    begins: Mapping[str, date | None] = field(default_factory=dict)
    whole: Workspace | None = None
    """The data of all customers, if these are those of a segment."""
    servers: Mapping[str, str] = field(default_factory=dict)
    """For each table whose rows stay where they are: the server, as in "PostgreSQL 15.6"."""

    def last_before(self, month: str) -> date:
        """Last day of the data for a month: one or two orders long after it do not prove that the month is complete."""
        return end_of_log(self._orders_by_day, last_day(month)) if "orders" in self.facts else self.last

    def last_counted(self, month: str) -> date:
        """Last day of a month that counts: everything in its report is as of this day.

        It is the last day of the month, or the last day with data where these end within the month and a week or more
        before it does: customers are not quiet on days that are not in the data. The silence must be longer than the
        shop's own gaps lead to expect, and subscriptions, which may be quiet for weeks, always count to the end. A
        segment counts up to the same day as all customers, as days without its orders are silence if others ordered.
        """
        shop, end = self.whole or self, last_day(month)
        last = shop.last_before(month)
        if last < end.replace(day=1) or (end - last).days < _WEEK:
            return end
        if "orders" in shop.facts:
            days = shop._orders_by_day.sort_index()[: pd.Timestamp(last)].index
            return last if remarkable((end - last).days, gaps_before(days)) else end
        return end if "subscriptions" in shop.facts else last

    def is_cut(self, month: str) -> bool:
        """Whether the last day of a month that counts is not its last day."""
        return self.last_counted(month) < last_day(month)

    @cached_property
    def _orders_by_day(self) -> pd.Series:
        days = rows_in(self.folder, "orders").ordered_at.cast("date").name("day").as_table()
        counted = days.group_by("day").agg(rows=days.count()).to_pandas().dropna()
        rows: pd.Series = counted.set_index(pd.DatetimeIndex(counted["day"]))["rows"]
        return rows

    def covers(self, month: str) -> bool:
        """Whether the data cover a month to its end."""
        return last_day(month) <= self.last_before(month)

    def last_month(self) -> str:
        """The last month that the data cover to its end; if there is none, the month of their last day."""
        begun = sorted(month for month in self.months if last_day(month).replace(day=1) <= self.last)
        return next((month for month in reversed(begun) if self.covers(month)), begun[-1])


@contextmanager
def opened(config: Config, folder: Path) -> Iterator[Workspace]:
    """Read every source of the configuration into a new folder; all sources are tried and all faults are reported."""
    try:
        with snapshots.held() as databases:
            with databases.read_once():
                datasets, empty = _read_all(config)
            left = in_place.save(datasets, config, folder)
            customer_ids.replaced(folder, tuple(datasets), mode=config.customer_ids, salt=config.salt)
            shared_answers.make_folder(folder)
            sources = {name: dataset.source for name, dataset in datasets.items()}
            tables = {name: dataset.table for name, dataset in datasets.items()}
            days = span(tables), begins(tables) | _without_rows(empty)
            if not left:
                databases.close()
            yield Workspace(folder, sources, *days[0], days[1], servers=left)
    except duckdb.IOException as error:
        raise of_the_system(error) or error from error


def _read_all(config: Config) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The datasets that were read, and the tables with headers and no rows, which a report of other tables can omit."""
    datasets: dict[str, Any] = {}
    faults: dict[str, str] = {}
    empty: dict[str, str] = {}
    for name, source in config.sources.items():
        try:
            datasets[name] = _read(name, source, config)
        except NoRowsError as error:
            (faults if name == "orders" else empty)[name] = _fault(name, source, config, error)
        except (DataError, ConfigError, OSError) as error:
            faults[name] = _fault(name, source, config, error)
    if faults or not datasets:
        raise SourcesError(faults | empty)
    datasets = {name: with_meeting(name, datasets, shown=config.customer_ids == "shown") for name in datasets}
    for name in empty:
        text = f"{name} from {published(config.sources[name])} hold headers but no rows; their pages are left out"
        warnings.warn(text, RetentionKitWarning, stacklevel=5)
    return datasets, tuple(empty)


def _fault(name: str, source: Source, config: Config, error: Exception) -> str:
    return f"{name} from {published(source)}: {_hide(str(error), source, config)}"


def _without_rows(tables: tuple[str, ...]) -> dict[str, None]:
    """Empty tables and kinds of answers, which have no first day."""
    kinds = [f"{kind} surveys" for kind in SCALES] if "surveys" in tables else []
    return dict.fromkeys([*tables, *kinds])


def _read(name: str, source: Source, config: Config) -> Any:
    options = {"timezone": config.timezone, "currency": config.currency}
    common = {option: getattr(config, option) for option, tables in OF_THE_REPORT.items() if name in tables}
    options |= {option: value for option, value in common.items() if value is not None}
    if source.parts == (source,):
        options |= {"preset": source.preset, **source.options}
        dataset = getattr(load, name)(source.where, columns=dict(source.columns) or None, **options)
    else:
        parts = [
            load.Part(
                where=part.where, columns=dict(part.columns) or None, preset=part.preset or "none", **part.options
            )
            for part in source.parts
        ]
        dataset = getattr(load, name)(parts, **options)
    shown = tuple(replace(part, name=short(part.name)) for part in dataset.source.parts)
    return dataset.with_source(replace(dataset.source, parts=shown))


def _hide(message: str, source: Source, config: Config) -> str:
    """The message without the address of the source and without passwords, parts of which a library may print."""
    for part in source.parts:
        where = str(part.where)
        address = os.environ.get(where.removeprefix("env:"), "") if where.startswith("env:") else where
        message = message.replace(address, published(part)) if "://" in address else message
    return str(redaction.hide(redaction.masked(message), redaction.passwords_of(config)))


def span(tables: Mapping[str, Any]) -> tuple[date, date, frozenset[str]]:
    """First and last day of the data, and the months that can be reported, as ``"YYYY-MM"``.

    If there are orders, they decide. Otherwise a month can be reported if it has answers or visits, or if a
    subscription ran in it; subscriptions are assumed to continue for a year after their last event.
    """
    if "orders" in tables:
        orders = tables["orders"]
        first, last, months = _first_and_last(_days(orders.ordered_at), ("orders",))
        # before the first purchase there are only refunds
        bought = _days(orders.filter(orders.amount >= 0).ordered_at)[:1]
        return first, last, frozenset(month for month in months if bought and month >= f"{bought[0]:%Y-%m}")
    days = [day for name, column in _MOMENTS.items() if name in tables for day in _days(tables[name][column])]
    if "subscriptions" not in tables:
        return _first_and_last(days, tuple(tables))
    ledger = tables["subscriptions"]
    events = _days(ledger.started_at) + _days(ledger.ended_at)
    first, last, months = _first_and_last(days + events, tuple(tables))
    end = max(events, default=last)
    if ledger.ended_at.isnull().any().to_pyarrow().as_py():
        end = (pd.Timestamp(end) + _GOES_ON).date()
    running = pd.period_range(pd.Period(min(events, default=first), "M"), pd.Period(end, "M"))
    return first, last, months | frozenset(map(str, running))


def begins(tables: Mapping[str, Any]) -> dict[str, date | None]:
    """First day of the tables other than orders and of each kind of answers ("nps surveys"), None if they have no rows;
    pages about them begin in that month."""
    moments = {name: tables[name][column] for name, column in _MOMENTS.items() if name in tables}
    if "subscriptions" in tables:
        ledger = tables["subscriptions"]
        moments["subscriptions"] = ledger.filter(ledger.mrr > 0).started_at
    if "surveys" in tables:
        answers = tables["surveys"]
        for kind in SCALES:
            asked = answers.filter(answers.kind.lower() == kind, answers.score.notnull())
            moments[f"{kind} surveys"] = asked.answered_at
    return {name: next(iter(_days(moment)), None) for name, moment in moments.items()}


def _days(moments: Any) -> list[date]:
    """The distinct days of a column of moments, in order."""
    days = moments.name("moment").as_table().distinct().moment.cast("date").name("day").as_table().distinct()
    return [pd.Timestamp(day).date() for day in days.order_by("day").to_pandas()["day"].dropna()]


def _first_and_last(days: list[date], names: tuple[str, ...]) -> tuple[date, date, frozenset[str]]:
    if not days:
        raise DataError(f"{' and '.join(names)}: no row could be kept, so there is nothing to report.")
    return min(days), max(days), frozenset(f"{day:%Y-%m}" for day in days)


def refuse_months_without_data(workspace: Workspace, months: tuple[str, ...]) -> None:
    """Raise a ConfigError with the range of the data if a month lies outside of it or has no rows."""
    empty = [month for month in months if month not in workspace.months]
    if empty:
        names = "orders" if "orders" in workspace.facts else " and ".join(workspace.facts)
        raise ConfigError(
            f"No {names} in {named(empty)}: the data have {names} from {workspace.first} to {workspace.last}"
            f"{'' if all(_outside(month, workspace) for month in empty) else ', but none in every month between'}."
        )


def _outside(month: str, workspace: Workspace) -> bool:
    return last_day(month) < workspace.first or last_day(month).replace(day=1) > workspace.last

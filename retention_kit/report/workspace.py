"""Sources read and validated once per run, kept in a private folder that every notebook reads from."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from retention_kit import load
from retention_kit.errors import ConfigError, DataError, join_faults
from retention_kit.load.engine import of_the_system
from retention_kit.report import secrets
from retention_kit.report.config import Config, Source
from retention_kit.report.dates import last_day, named

__all__ = ["Workspace", "days_with_orders", "opened", "published", "refuse_months_without_orders"]


@dataclass(frozen=True)
class Workspace:
    """The run's validated data.

    Parameters
    ----------
    folder : Path
        Private folder with one Parquet file per table; gone after the run.
    facts : mapping of table name to load.Source
        What was read.
    first, last : date
        Days of the first and the last order.
    months : frozenset of str
        Months with orders, as ``"YYYY-MM"``.
    """

    folder: Path
    facts: Mapping[str, Any]
    first: date
    last: date
    months: frozenset[str] = frozenset()


@contextmanager
def opened(config: Config, folder: Path) -> Iterator[Workspace]:
    """Read every source of the configuration and hand out the workspace.

    Parameters
    ----------
    folder : Path
        Where it is kept: a new folder, inside the private one of the run, which is removed at its end.

    Raises
    ------
    DataError
        Where a source cannot be read; all sources are tried and all faults named.
    """
    try:
        datasets = _read_all(config)
        for dataset in datasets.values():
            dataset.save(folder)
        days = days_with_orders(datasets["orders"].table)
        sources = {name: dataset.source for name, dataset in datasets.items()}
        yield Workspace(folder, sources, days[0], days[-1], frozenset(f"{day:%Y-%m}" for day in days))
    except duckdb.IOException as error:
        raise of_the_system(error) or error from error


def _read_all(config: Config) -> dict[str, Any]:
    datasets, faults = {}, []
    for name, source in config.sources.items():
        try:
            datasets[name] = _read(name, source, config)
        except (DataError, ConfigError, OSError) as error:
            faults.append(f"{name} from {published(source)}: {_hide(str(error), source)}")
    if faults:
        raise DataError(join_faults(faults))
    return datasets


def _read(name: str, source: Source, config: Config) -> Any:
    options = {"preset": source.preset, "timezone": config.timezone, "currency": config.currency, **source.options}
    return getattr(load, name)(source.where, columns=dict(source.columns) or None, **options)


def published(source: Source) -> str:
    """The source as it may be shown: as the user wrote it, without a password.

    Examples
    --------
    >>> published(Source("postgresql://anna:secret@db/shop"))
    'postgresql://anna:***@db/shop'
    """
    where = source.where if source.written is None else source.written
    if not isinstance(where, (str, os.PathLike)):
        return type(where).__name__
    return secrets.masked(re.sub(r"(://[^:/@\s]*):.*@", r"\1:***@", str(where)))


def _hide(message: str, source: Source) -> str:
    """The message without the source's own address, in which a password may stand."""
    where = str(source.where)
    address = os.environ.get(where.removeprefix("env:"), "") if where.startswith("env:") else where
    return message.replace(address, published(source)) if "://" in address else message


def days_with_orders(orders: Any) -> list[date]:
    """Days on which orders were placed, in order.

    Raises
    ------
    DataError
        There are none.
    """
    days = orders.select(day=orders.ordered_at.date()).distinct().order_by("day").to_pandas()["day"].dropna()
    if days.empty:
        raise DataError("orders: no row could be kept, so there is nothing to report.")
    return [pd.Timestamp(day).date() for day in days]


def refuse_months_without_orders(workspace: Workspace, months: tuple[str, ...]) -> None:
    """Raise where a month lies before or after the data, or has no order in it.

    Raises
    ------
    ConfigError
        With the range that the data has.
    """
    empty = [month for month in months if month not in workspace.months]
    if empty:
        raise ConfigError(
            f"No orders in {named(empty)}: the data have orders from {workspace.first} to {workspace.last}"
            f"{'' if all(_outside(month, workspace) for month in empty) else ', but none in every month between'}."
        )


def _outside(month: str, workspace: Workspace) -> bool:
    return last_day(month) < workspace.first or last_day(month).replace(day=1) > workspace.last

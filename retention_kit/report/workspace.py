"""Sources read and validated once per run, kept in a private folder that every notebook reads from."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from retention_kit import load
from retention_kit.errors import ConfigError, DataError, join_faults
from retention_kit.report.config import Config, Source, last_day

__all__ = ["Workspace", "opened", "published", "refuse_months_without_orders"]


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
    """

    folder: Path
    facts: Mapping[str, Any]
    first: date
    last: date


@contextmanager
def opened(config: Config) -> Iterator[Workspace]:
    """Read every source of the configuration, hand out the workspace, remove it at the end.

    Raises
    ------
    DataError
        Where a source cannot be read; all sources are tried and all faults named.
    """
    config.output.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".run-", dir=config.output)).resolve()  # mode 0700
    try:
        datasets = _read_all(config)
        for dataset in datasets.values():
            dataset.save(folder)
        first, last = _range(datasets["orders"])
        yield Workspace(folder, {name: dataset.source for name, dataset in datasets.items()}, first, last)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
    reader = getattr(load, name)
    options = {"preset": source.preset, "timezone": config.timezone, "currency": config.currency}
    return reader(_resolve(source.where), columns=dict(source.columns) or None, **options)


def _resolve(where: Any) -> Any:
    if not (isinstance(where, str) and where.startswith("env:")):
        return where
    name = where.removeprefix("env:")
    if name not in os.environ:
        raise ConfigError(f"the environment variable {name} is not set.")
    return os.environ[name]


def published(source: Source) -> str:
    """The source as it may be shown: as the user wrote it, without a password.

    Examples
    --------
    >>> published(Source("postgresql://anna:secret@db/shop"))
    'postgresql://anna:***@db/shop'
    """
    if not isinstance(source.where, (str, os.PathLike)):
        return type(source.where).__name__
    return re.sub(r"(://[^:/@\s]*):.*@", r"\1:***@", str(source.where))


def _hide(message: str, source: Source) -> str:
    """The message without the source's own address, in which a password may stand."""
    try:
        where = str(_resolve(source.where))
    except ConfigError:
        return message
    return message.replace(where, published(source)) if "://" in where else message


def _range(orders: Any) -> tuple[date, date]:
    when = orders.table.ordered_at
    row = orders.table.aggregate(first=when.min(), last=when.max()).to_pandas().iloc[0]
    if row.isna().any():
        raise DataError("orders: no row could be kept, so there is nothing to report.")
    return row["first"].date(), row["last"].date()


def refuse_months_without_orders(workspace: Workspace, months: tuple[str, ...]) -> None:
    """Raise where a month lies before or after the data.

    Raises
    ------
    ConfigError
        With the range that the data has.
    """
    outside = [m for m in months if last_day(m) < workspace.first or last_day(m).replace(day=1) > workspace.last]
    if outside:
        raise ConfigError(
            f"No orders in {', '.join(outside)}: the data have orders from {workspace.first} to {workspace.last}."
        )

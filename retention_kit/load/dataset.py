"""What loading returns: a table, the rows that were refused, and where it all came from."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from retention_kit.errors import ConfigError, DataError
from retention_kit.formats import counted
from retention_kit.load.sources import left_in_place
from retention_kit.load.sources.engine import default_engine, readable


@dataclass(frozen=True)
class Note:
    """Something odd but possible: its name, the number of rows it concerns, and a sentence."""

    name: str
    rows: int
    text: str


@dataclass(frozen=True)
class Source:
    """Where a table came from and what was done to read it.

    `columns` maps each column of the table to the header it was read from, `assumptions` are sentences, and
    `rows_read == rows_kept + rows_refused` always holds. Of several sources, `parts` describes each by itself; there
    `label` is its value in the column `source`. `version` names the version of a table in a data lake, in place of the
    `sha256` of a file.
    """

    table: str
    name: str
    kind: str
    rows_read: int
    rows_kept: int
    rows_refused: int
    sha256: str | None = None
    query: str | None = None
    preset: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    assumptions: tuple[str, ...] = ()
    warnings: tuple[Note, ...] = ()
    parts: tuple[Source, ...] = ()
    label: str | None = None
    version: str | None = None

    def __post_init__(self) -> None:
        if self.rows_read != self.rows_kept + self.rows_refused:
            raise AssertionError(f"{self.rows_read} rows read, {self.rows_kept} kept and {self.rows_refused} refused")


@dataclass(frozen=True, repr=False)
class Dataset:
    """A validated table with its refused rows and its source.

    Attributes
    ----------
    table : ibis.Table
        The columns of `retention_kit.schema`, then the dimensions; it stays where the data is, money as exact decimals.
    refused : pandas.DataFrame
        One row per refused row: `row`, `rule`, `reason` and the original values as text.
    source : Source
        What was read, how, and how many rows were kept. Odd rows of a DataFrame or an Arrow table are looked for when
        the source, or the Dataset, is first shown; those of other sources while they are read.
    as_read : Source
        The same without the warnings that are looked for when shown.
    timezone, currency : str or None
        Business time zone of the timestamps and currency of the amounts, where known.
    """

    table: ir.Table
    refused: pd.DataFrame
    as_read: Source
    timezone: str | None = None
    currency: str | None = None
    _odd: Callable[[], tuple[Note, ...]] = tuple
    _saved: tuple[ir.Table, Path] | None = field(default=None, compare=False)

    @property
    def folder(self) -> Path | None:
        """Where `save` had written this table before it was read; None for other tables."""
        return self._saved[1] if self._saved and self._saved[0] is self.table else None

    @cached_property
    def source(self) -> Source:
        """What was read, how, and how many rows were kept."""
        return replace(self.as_read, warnings=(*self.as_read.warnings, *self._odd()))

    def with_source(self, source: Source) -> Dataset:
        """The same rows with another description.

        Parameters
        ----------
        source : Source
            What is said of them.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> from dataclasses import replace
        >>> from retention_kit import load
        >>> log = load.sample("cdnow_sample")
        >>> log.with_source(replace(log.source, name="my shop"))
        <orders from my shop: 6,919 rows read, 6,919 kept, 0 refused, 2 warnings (zero_amount, same_row)>
        """
        return replace(self, as_read=source, _odd=tuple)

    def __repr__(self) -> str:
        s = self.source
        rules = f" ({', '.join(dict.fromkeys(note.name for note in s.warnings))})" if s.warnings else ""
        return (
            f"<{s.table} from {s.name}: {counted(s.rows_read, 'row')} read, {s.rows_kept:,} kept, "
            f"{s.rows_refused:,} refused, {counted(len(s.warnings), 'warning')}{rules}>"
        )

    @property
    def _name(self) -> str:
        return f"{self.as_read.table} from {self.as_read.name}"

    def to_pandas(self) -> pd.DataFrame:
        """The table as a DataFrame for people: money as floats, ready to be plotted.

        In the engine money stays exact; Ibis's own ``data.table.to_pandas()`` gives it as decimal objects, which
        pandas does not plot.

        Returns
        -------
        pandas.DataFrame

        Examples
        --------
        >>> from retention_kit import load
        >>> load.sample("cdnow").to_pandas().head(2)
          customer_id ordered_at  amount  number_of_cds
        0       00001 1997-01-01   11.77              1
        1       00002 1997-01-12   12.00              1
        """
        with readable(self._name):
            return to_frame(self.table)

    def save(self, folder: str | Path) -> Path:
        """Write the table, the refused rows and the source into a folder that `load` reads again.

        Parameters
        ----------
        folder : path
            It is made if it does not exist.

        Returns
        -------
        pathlib.Path
            The folder, with `<table>.parquet`, `<table>.refused.parquet` and `<table>.json`. Those of an earlier save
            are replaced when the new ones are complete, so a table may be saved where it was read from.

        Raises
        ------
        ConfigError
            Files of these names exist that no `save` wrote.

        Examples
        --------
        >>> import tempfile
        >>> from retention_kit import load
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     print(load.orders(load.sample("cdnow_sample").save(folder)))
        <orders from cdnow_sample: 6,919 rows read, 6,919 kept, 0 refused, 2 warnings (zero_amount, same_row)>
        """
        folder, name = Path(folder), self.source.table
        _refuse_strangers(folder, name)
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=folder) as unfinished:
            private = Path(unfinished)
            with readable(self._name):
                _write(self.table, private / f"{name}.parquet")
            self._describe(private)
            for file in _files(name):
                os.replace(private / file, folder / file)
        return folder

    def _describe(self, folder: Path) -> None:
        """Write the refused rows and the source."""
        name = self.source.table
        description = asdict(self.source) | {"timezone": self.timezone, "currency": self.currency}
        self.refused.to_parquet(folder / f"{name}.refused.parquet", index=False)
        text = json.dumps(description, indent=2, ensure_ascii=False) + "\n"
        (folder / f"{name}.json").write_text(text, encoding="utf-8")


def _files(table: str) -> tuple[str, str, str]:
    """Names of the files that `Dataset.save` writes."""
    return f"{table}.parquet", f"{table}.refused.parquet", f"{table}.json"


def _refuse_strangers(folder: Path, table: str) -> None:
    """Raise where files of the same names exist that no `Dataset.save` wrote."""
    there = [name for name in _files(table) if os.path.lexists(folder / name)]
    try:
        description = json.loads((folder / f"{table}.json").read_text(encoding="utf-8"))
        needed = {item.name for item in fields(Source)} - {"parts", "label", "version"}
        ours = needed <= set(description) and description["table"] == table
    except (OSError, ValueError, TypeError):
        ours = False
    if there and not ours:
        raise ConfigError(
            f"{folder} has {', '.join(there)}, which Dataset.save did not write and does not overwrite; "
            "choose another folder."
        )


def _write(table: ir.Table, path: Path) -> None:
    """One Parquet file, in pieces; Spark by itself would write a folder of files."""
    if table.get_backend().name != "pyspark":
        table.to_parquet(path)
        return
    schema = table.schema().to_pyarrow()
    with pq.ParquetWriter(path, schema) as file:
        for piece in table.to_pyarrow_batches():
            file.write_table(pa.Table.from_batches([piece]).cast(schema))


def leave(data: Dataset, folder: Path, address: str) -> None:
    """As `Dataset.save` into the folder of a run, with a pointer to the rows in place of the rows.

    The table must be in a connection that `snapshots.held` keeps open; `address` names the environment variable with
    the URL of the database.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with readable(data._name):
        left_in_place.leave(data.table, address, folder, data.source.table)
    data._describe(folder)


def to_frame(table: ir.Table) -> pd.DataFrame:
    """An Ibis table as a DataFrame in which exact decimals are ordinary floats."""
    decimals = {n: table[n].cast("float64") for n, t in table.schema().items() if t.is_decimal()}
    frame: pd.DataFrame = (table.mutate(**decimals) if decimals else table).to_pandas()
    return frame


def is_saved(folder: Path, table: str) -> bool:
    """Whether `Dataset.save` has written that table into the folder."""
    has_rows = (folder / f"{table}.parquet").is_file() or left_in_place.is_left(folder, table)
    return has_rows and (folder / f"{table}.json").is_file()


def rows_in(folder: Path, table: str, backend: ibis.BaseBackend | None = None) -> ir.Table:
    """The rows of a table that is in a folder: those of its Parquet file, or where a run has left them."""
    if left_in_place.is_left(folder, table):
        return left_in_place.rows(folder, table)
    return (backend or default_engine()).read_parquet(folder / f"{table}.parquet")


def _source(description: Mapping[str, Any]) -> Source:
    """A source as `Dataset.save` wrote it."""
    read = {
        "assumptions": tuple(description["assumptions"]),
        "warnings": tuple(Note(**note) for note in description["warnings"]),
        "parts": tuple(_source(part) for part in description.get("parts", ())),
    }
    return Source(**{**description, **read})


def restore(folder: Path, table: str, backend: ibis.BaseBackend) -> Dataset:
    """Read back what `Dataset.save` wrote."""
    try:
        description = json.loads((folder / f"{table}.json").read_text(encoding="utf-8"))
        timezone, currency = description.pop("timezone"), description.pop("currency")
        source = _source(description)
    except (json.JSONDecodeError, KeyError, TypeError, AssertionError) as fault:
        raise DataError(
            f"{folder / table}.json is not what Dataset.save wrote ({fault}); load the source again"
        ) from fault
    rows = rows_in(folder, table, backend)
    return Dataset(
        table=rows,
        refused=pd.read_parquet(folder / f"{table}.refused.parquet"),
        as_read=source,
        timezone=timezone,
        currency=currency,
        _saved=(rows, folder),
    )

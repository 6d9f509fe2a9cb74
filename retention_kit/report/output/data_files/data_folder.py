"""data/ of a month: every number of its pages, and the table behind every table and figure, with a dictionary."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa

from retention_kit.embedded_tables import of_notebook, unpacked
from retention_kit.report.execution.execute import Executed
from retention_kit.report.numbers import notebook_numbers
from retention_kit.report.output.data_files import data_dictionary, table_files

FOLDER: Final = "data"
_NUMBERS: Final = (
    *("page", "name", "label", "value", "unit", "currency", "low", "high", "n", "previous", "last_year", "note"),
)
_FIGURES: Final = ("value", "low", "high", "n", "previous", "last_year")


@dataclass(frozen=True)
class Table:
    """One table of the data folder: its file name without ending, its title, the page it comes from."""

    name: str
    title: str
    page: str
    arrow: pa.Table

    @classmethod
    def of(cls, name: str, title: str, frame: pd.DataFrame) -> Table:
        """A table that comes from no page; the index of the frame is left out."""
        return cls(name, title, "", pa.Table.from_pandas(frame, preserve_index=False))

    @property
    def names_customers(self) -> bool:
        """Whether a column holds the ids of customers."""
        return "customer_id" in self.arrow.column_names


def write(folder: Path, pages: Sequence[Executed], *more: Table) -> tuple[Table, ...]:
    """Write the data folder of a month.

    Parameters
    ----------
    folder : Path
        Folder of the month.
    pages : sequence of Executed
        Executed notebooks; tables of failed ones are left out.
    *more : Table
        Tables that come from no page.

    Returns
    -------
    tuple of Table
        The tables that were written, each as CSV and as Parquet.
    """
    finished = [page for page in pages if page.failure is None]
    tables = (_numbers(finished), *_behind(finished), *more)
    target = folder / FOLDER
    target.mkdir()
    for table in tables:
        table_files.write_csv(target / f"{table.name}.csv", table.arrow)
        table_files.write_parquet(target / f"{table.name}.parquet", table.arrow)
        if table.names_customers:
            table_files.only_for_the_owner(target / f"{table.name}.csv")
            table_files.only_for_the_owner(target / f"{table.name}.parquet")
    (target / "README.md").write_text(data_dictionary.text(tables), encoding="utf-8")
    return tables


def _numbers(pages: Sequence[Executed]) -> Table:
    rows = [{"page": page.notebook.name, **row} for page in pages for row in notebook_numbers.numbers(page.node)]
    frame = pd.DataFrame(rows, columns=_NUMBERS)
    figures = {name: pd.to_numeric(frame[name], errors="coerce").astype("float64") for name in _FIGURES}
    texts = {
        name: frame[name].where(frame[name].notna(), "").astype("str") for name in _NUMBERS if name not in _FIGURES
    }
    return Table.of("numbers", "Every number of every page", frame.assign(**figures, **texts))


def _behind(pages: Sequence[Executed]) -> Iterator[Table]:
    """Tables embedded in outputs of cells, each under a unique name."""
    taken: set[str] = {"numbers", "uplift", "months", "earlier_months", "restated"}
    for page in pages:
        for packed in of_notebook(page.node):
            name = _unique(f"{_plain(page.notebook.name)}-{_plain(packed['id'])}", taken)
            yield Table(name, str(packed.get("title", "")), page.notebook.name, unpacked(packed))


def _plain(text: str) -> str:
    """A name that is safe in any file system."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60] or "table"


def _unique(name: str, taken: set[str]) -> str:
    number = 1
    while (candidate := name if number == 1 else f"{name}-{number}") in taken:
        number += 1
    taken.add(candidate)
    return candidate

"""Results of earlier reports in the output folder, read before a month is computed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pandas as pd

from retention_kit.report.actions.action_lists import FOLDER, HELD_OUT
from retention_kit.report.numbers import changed_numbers, earlier_months
from retention_kit.report.numbers.month_result import Previous
from retention_kit.report.output import manifest
from retention_kit.report.output.data_files import data_folder, table_files
from retention_kit.report.settings.action_settings import LISTS

_MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def read(output: Path, month: str, part: str) -> Previous:
    """Results of the last run of a month and of the reports of earlier months, for all customers or for a segment.

    `part` is the folder of the segment inside each month; empty for all customers.
    """
    said = _last_report(output, month, part)
    months = None if said is None else pd.read_parquet(_months(output / said / part))
    month_before = str(pd.Period(month, "M") - 1)
    return Previous(numbers(output / month / part), months, said or "", action_lists(output / month_before / part))


def numbers(folder: Path) -> changed_numbers.Numbers | None:
    """The numbers of a month from its last run; None if there was none.

    Parameters
    ----------
    folder : Path
        Folder of the month, or of a segment in it, before it is replaced.
    """
    try:
        table = pd.read_parquet(folder / data_folder.FOLDER / "numbers.parquet")
        return changed_numbers.by_name((str(row["page"]), row) for row in table.to_dict("records"))
    except (OSError, ValueError, KeyError):  # the first run, or a run of an older version
        return None


def _last_report(output: Path, month: str, part: str) -> str | None:
    """The last month before this one whose folder a report wrote and that contains the table of months.

    Reports of older versions, which do not contain it, are skipped.
    """
    earlier = sorted((p.name for p in output.iterdir() if _MONTH.fullmatch(p.name) and p.name < month), reverse=True)
    for name in earlier:
        if _months(output / name / part).is_file() and manifest.read(output / name) is not None:
            return name
    return None


def _months(folder: Path) -> Path:
    return folder / data_folder.FOLDER / f"{earlier_months.MONTHLY}.parquet"


def action_lists(folder: Path) -> dict[str, pd.DataFrame]:
    """Readable action lists of an earlier month, by name: customers and their groups."""
    tables = {name: _action_list(folder, name) for name in LISTS}
    return {name: table for name, table in tables.items() if table is not None}


def _action_list(folder: Path, name: str) -> pd.DataFrame | None:
    """Customers and groups of an earlier list, from its two files, or from the single file of older months; None if it
    cannot be read."""
    lists_folder = folder / FOLDER
    try:
        tables = [_read(lists_folder / f"{name}.csv")]
        if (held_out := lists_folder / f"{name}{HELD_OUT}.csv").is_file():
            tables.append(_read(held_out))
    except (OSError, ValueError, KeyError):  # missing or edited: there is nothing to compare
        return None
    return pd.concat(tables, ignore_index=True)


def _read(path: Path) -> pd.DataFrame:
    table = pd.read_csv(path, dtype="str", keep_default_na=False)
    return table[["customer_id", "group"]].assign(customer_id=table["customer_id"].map(table_files.unguarded))

"""lists/ of a month: a page for each list of customers, and all of its rows as CSV and xlsx."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa

from retention_kit.report.actions.customer_lists import FOLDER, CustomerList
from retention_kit.report.output.data_files import table_files, workbook_files
from retention_kit.report.output.data_files.data_dictionary import meaning

_MEANINGS: Final = {
    "low": "lower end of the 90 % interval of expected_value",
    "high": "upper end of the 90 % interval of expected_value",
}
_HEAD: Final = """\
# Lists of customers of this month

Each list is a page, and all of its rows are in two files beside it with the same rows, CSV and xlsx; those of action
lists are in the folder actions. Days are YYYY-MM-DD, money is in the report's currency, an empty cell is not known. In
the CSV, text that a spreadsheet could take for a formula has an apostrophe before it; in the xlsx all text is text.
Only the owner of the report can read this folder.

| column | meaning |
|---|---|
"""


def write(folder: Path, lists: Sequence[CustomerList]) -> Path | None:
    """Write the files of all lists, readable by their owner only.

    Parameters
    ----------
    folder : Path
        Folder of the month, or of a segment in it.
    lists : sequence of CustomerList
        Lists without customers' rows are left out.

    Returns
    -------
    Path or None
        The folder of the lists; None if there are none.
    """
    made = [listing for listing in lists if listing.table is not None]
    if not made:
        return None
    target = folder / FOLDER
    target.mkdir(mode=0o700)
    columns: dict[str, None] = {}
    for listing in made:
        if listing.table is not None and listing.kind != "action":
            rows = pa.Table.from_pandas(listing.table, preserve_index=False)
            table_files.write_csv(target / f"{listing.name}.csv", rows)
            workbook_files.write_xlsx(target / f"{listing.name}.xlsx", rows)
            columns |= dict.fromkeys(rows.column_names)
    lines = [f"| `{name}` | {_MEANINGS.get(name) or meaning(name) or 'as in the orders'} |" for name in columns]
    (target / "README.md").write_text(_HEAD + "\n".join([*lines, ""]), encoding="utf-8")
    return target

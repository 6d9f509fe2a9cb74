"""actions/ of a month: each list as two files, customers to act on and customers to leave alone, and a README."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa

from retention_kit.report.actions.action_lists import COLUMNS, FOLDER, HELD_OUT, HandedOut
from retention_kit.report.output.data_files import table_files, workbook_files
from retention_kit.report.output.data_files.data_dictionary import meaning
from retention_kit.report.settings.config import Config

_MEANINGS: Final = {
    "low": "lower end of the 90 % interval of expected_value",
    "high": "upper end of the 90 % interval of expected_value",
    "group": "act or hold_out",
    "segment": "segment of the report that the customer belongs to",
}
"""Meanings of columns that differ from those in the data folder."""
_HEAD: Final = """\
# Action lists of this month

Each list has two files: `NAME` with the customers to act on, `NAME_hold_out` with the customers to leave alone, both as
CSV and as xlsx with the same rows. {exclusion} A share of {share} of the customers is left alone: it is drawn once per
customer, so that a customer is in the same group on every list and in every month. Next month's report compares the two
groups; the difference is the effect of the action only if everybody in `NAME` was contacted and nobody in
`NAME_hold_out`.

In the CSV, text that a spreadsheet could take for a formula has an apostrophe before it; in the xlsx all text is text.
"""


def write(folder: Path, lists: Sequence[HandedOut], config: Config) -> None:
    """Write action lists, over all customers or of one segment.

    Each list becomes two files, customers to act on (``NAME``) and customers to leave alone (``NAME_hold_out``), both
    as CSV and as xlsx, so that a file for a mail tool contains nobody who must not be contacted. Only their owner can
    read them, whatever the umask is.

    Parameters
    ----------
    folder : Path
        Folder of the month, or of the segment in it.
    """
    if not lists:
        return
    target = folder / FOLDER
    target.mkdir()
    for listing in lists:
        for name, table in ((listing.name, listing.to_act_on), (listing.name + HELD_OUT, listing.to_leave_alone)):
            if table is not None:
                rows = pa.Table.from_pandas(table, preserve_index=False)
                table_files.write_csv(target / f"{name}.csv", rows)
                workbook_files.write_xlsx(target / f"{name}.xlsx", rows)
    (target / "README.md").write_text(_dictionary(lists, config), encoding="utf-8")
    table_files.only_for_the_owner(target)


def _dictionary(lists: Sequence[HandedOut], config: Config) -> str:
    """README.md of the folder: the files, the rules by which they were made, and the columns."""
    order = ", ".join(listing.name for listing in lists)
    exclusion = (
        "A customer can be on several lists (actions.overlap)."
        if config.action_lists.overlap
        else f"A customer is on one list only, the first that fits in this order: {order}."
    )
    share = f"{config.action_lists.holdout:.6g}"
    columns = [*COLUMNS, "segment"] if config.split_by else COLUMNS
    files = [
        f"| {listing.name} | {listing.title} | "
        f"{listing.reason or f'{listing.act:,} to act on, {listing.held_out:,} left alone'} |"
        for listing in lists
    ]
    return "\n".join(
        [
            _HEAD.format(exclusion=exclusion, share=share),
            "| list | content | customers |",
            "|---|---|---|",
            *files,
            "",
            "| column | meaning |",
            "|---|---|",
            *(f"| `{name}` | {_MEANINGS.get(name) or meaning(name)} |" for name in columns),
            "",
        ]
    )

"""actions/ of a month: each list as two files, whom to act on and whom to leave alone, and what they hold in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa

from retention_kit.report.actions.action_lists import COLUMNS, FOLDER, HELD_OUT, HandedOut
from retention_kit.report.output.data_files import table_files
from retention_kit.report.output.data_files.data_dictionary import meaning
from retention_kit.report.settings.config import Config

__all__ = ["write"]

_MEANINGS: Final = {
    "low": "lower end of the 90 % interval of expected_value",
    "high": "upper end of the 90 % interval of expected_value",
    "group": "act or hold_out",
    "segment": "segment of the report that the customer belongs to",
}
"""Of columns that mean something else, or more, in the data folder."""
_HEAD: Final = """\
# Action lists of this month

Each list is two files: `NAME` holds whom to act on, `NAME_hold_out` whom to leave alone; both are there as CSV and as
xlsx with the same rows. {exclusion} A share of {share} of the customers is left alone: it is drawn once per customer,
so that a customer is in the same group on every list and in every month. Next month's report compares the two groups;
the difference is what the action did only if everybody in `NAME` was written to and nobody in `NAME_hold_out`.

In the CSV, text that a spreadsheet could take for a formula has an apostrophe before it; in the xlsx all text is text.
"""


def write(folder: Path, lists: Sequence[HandedOut], config: Config) -> None:
    """Write action lists, those of the whole or the part of them that is about one segment.

    Each list becomes two files, whom to act on (``NAME``) and whom to leave alone (``NAME_hold_out``), both as CSV and
    as xlsx, so that a file that is given to a mail tool holds nobody who must not be written to. Only their owner can
    read them, whatever the umask is.

    Parameters
    ----------
    folder : Path
        Of the month, or of the segment in it.
    """
    if not lists:
        return
    place = folder / FOLDER
    place.mkdir()
    for each in lists:
        for name, table in ((each.name, each.to_act_on), (each.name + HELD_OUT, each.to_leave_alone)):
            if table is not None:
                rows = pa.Table.from_pandas(table, preserve_index=False)
                table_files.write_csv(place / f"{name}.csv", rows)
                table_files.write_xlsx(place / f"{name}.xlsx", rows)
    (place / "README.md").write_text(_dictionary(lists, config), encoding="utf-8")
    table_files.only_for_the_owner(place)


def _dictionary(lists: Sequence[HandedOut], config: Config) -> str:
    """README.md of the folder: the files, the rules by which they were made, and the columns."""
    order = ", ".join(each.name for each in lists)
    exclusion = (
        "A customer can be on several lists (actions.overlap)."
        if config.action_lists.overlap
        else f"A customer is on one list only, the first that fits in this order: {order}."
    )
    share = f"{config.action_lists.holdout:.6g}"
    columns = [*COLUMNS, "segment"] if config.split_by else COLUMNS
    files = [
        f"| {each.name} | {each.title} | {each.reason or f'{each.act:,} to act on, {each.held_out:,} left alone'} |"
        for each in lists
    ]
    return "\n".join(
        [
            _HEAD.format(exclusion=exclusion, share=share),
            "| list | whom it holds | customers |",
            "|---|---|---|",
            *files,
            "",
            "| column | meaning |",
            "|---|---|",
            *(f"| `{name}` | {_MEANINGS.get(name) or meaning(name)} |" for name in columns),
            "",
        ]
    )

"""actions/ of a month: each list as two files, whom to act on and whom to leave alone, and what they hold in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from retention_kit.report.actions import list_rules
from retention_kit.report.actions.action_lists import Made
from retention_kit.report.output.data_files import table_files
from retention_kit.report.output.data_files.data_dictionary import meaning
from retention_kit.report.settings.action_settings import hashed, salt

__all__ = ["COLUMNS", "FOLDER", "HELD_OUT", "Written", "write"]

FOLDER: Final = "actions"
HELD_OUT: Final = "_hold_out"
"""End of the name of the file that holds whom to leave alone."""
COLUMNS: Final = ("customer_id", "reason", "expected_value", "low", "high", "suggested_date", "group")
_SPLIT: Final = (*COLUMNS, "segment")
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


@dataclass(frozen=True)
class Written:
    """One list as it was written, or why it was not; `left_off` customers are beyond ``actions.limit``."""

    name: str
    title: str
    act: int = 0
    held_out: int = 0
    reason: str = ""
    left_off: int = 0

    @property
    def href(self) -> str:
        """The file of those to act on, from the index and without its ending."""
        return f"{FOLDER}/{self.name}"

    @property
    def held_out_href(self) -> str:
        """The file of those to leave alone, from the index and without its ending."""
        return f"{FOLDER}/{self.name}{HELD_OUT}"


def write(folder: Path, made: Sequence[Made], *, config: Any, segment: str | None = None) -> tuple[Written, ...]:
    """Write action lists, those of the whole or the part of them that is about one segment.

    Each list becomes two files, whom to act on (``NAME``) and whom to leave alone (``NAME_hold_out``), both as CSV and
    as xlsx, so that a file that is given to a mail tool holds nobody who must not be written to. Only their owner can
    read them, whatever the umask is.

    Parameters
    ----------
    folder : Path
        Of the month, or of the segment in it.
    made : sequence of Made
        `make`: so a customer has the same value, reason and group in the lists of the whole and of the segment.
    config : Config
        With ``actions`` and ``hash_ids``; ``actions.limit`` holds for each list, both groups together.
    segment : str, optional
        Which one.
    """
    if not made:
        return ()
    place = folder / FOLDER
    place.mkdir()
    written = tuple(_written(place, one, config, segment) for one in made)
    (place / "README.md").write_text(_dictionary(written, config), encoding="utf-8")
    table_files.only_for_the_owner(place)
    return written


def _written(folder: Path, one: Made, config: Any, segment: str | None) -> Written:
    title = list_rules.TITLES[one.name]
    if one.table is None:
        return Written(one.name, title, reason=one.reason)
    every = one.table if segment is None else one.table[one.table["segment"] == segment]
    table = every.head(config.actions.get("limit", len(every)))
    table = table.assign(
        customer_id=hashed(
            list(table["customer_id"]),
            salt(config.actions, hash_ids=config.hash_ids and config.customer_ids == "shown"),
        )
    )
    table = table[[name for name in _SPLIT if name in table.columns]]
    held_out = table["group"] == "hold_out"
    for name, rows in ((one.name, table[~held_out]), (one.name + HELD_OUT, table[held_out])):
        shown = pa.Table.from_pandas(rows, preserve_index=False)
        table_files.write_csv(folder / f"{name}.csv", shown)
        table_files.write_xlsx(folder / f"{name}.xlsx", shown)
    count = int(held_out.sum())
    return Written(one.name, title, len(table) - count, count, left_off=len(every) - len(table))


def _dictionary(written: Sequence[Written], config: Any) -> str:
    """README.md of the folder: the files, the rules by which they were made, and the columns."""
    order = ", ".join(one.name for one in written)
    exclusion = (
        "A customer can be on several lists (actions.overlap)."
        if config.actions.get("overlap")
        else f"A customer is on one list only, the first that fits in this order: {order}."
    )
    share = f"{config.actions.get('holdout', 0.1):.6g}"
    columns = [*COLUMNS, "segment"] if config.split_by else COLUMNS
    files = [
        f"| {one.name} | {one.title} | {one.reason or f'{one.act:,} to act on, {one.held_out:,} left alone'} |"
        for one in written
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
